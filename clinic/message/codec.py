"""Messages as bytes and back, for storage."""

from pydantic import TypeAdapter

from clinic.message.types import Message

_adapter = TypeAdapter(Message)


def dump_message(message: Message) -> bytes:
    """The message as JSON."""
    return _adapter.dump_json(message)


def load_message(data: bytes) -> Message:
    """The message as it was dumped."""
    return _adapter.validate_json(data)
