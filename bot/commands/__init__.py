"""What the command `kayoi` does, one file a group of commands."""
