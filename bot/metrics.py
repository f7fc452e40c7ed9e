"""What is counted. Labels are codes; nothing of a patient is ever one."""

from prometheus_client import Counter, Histogram

EVENTS = Counter("kayoi_events_total", "Events stored, by channel", ["channel"])
REPEATED = Counter("kayoi_events_repeated_total", "Events that were stored already", ["channel"])
REJECTED = Counter("kayoi_webhooks_rejected_total", "Webhooks not taken", ["channel", "reason"])
IGNORED = Counter("kayoi_events_ignored_total", "Events not acted on", ["channel", "kind"])
TURNS = Counter("kayoi_turns_total", "Turns by how they ended", ["end"])
TURN_SECONDS = Histogram("kayoi_turn_seconds", "From the lock to the commit of a turn")
SENDINGS = Counter("kayoi_sendings_total", "Platform calls by outcome", ["channel", "outcome"])
SKIPPED = Counter("kayoi_messages_skipped_total", "Messages that will not go out", ["reason"])
SWEPT = Counter("kayoi_swept_total", "Rows that a sweep found left over", ["ledger"])
