"""PostgreSQL and Valkey of our own beside Kayoi, and the supervisor of `kayoi run`."""
