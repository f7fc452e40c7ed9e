"""Sessions as JSON and back. Stored sessions of every version must load for ever."""

from typing import Any

from pydantic import TypeAdapter

from flows import effects
from flows.engine import FlowError, Session, Step
from flows.registry import FLOWS

REQUESTS: dict[str, type[Any]] = {cls.__name__: cls for cls in effects.Request.__args__}


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    """Building one takes a millisecond, so each class gets one."""
    if cls not in _adapters:
        _adapters[cls] = TypeAdapter(cls)
    return _adapters[cls]


def _dump(value: Any) -> dict[str, Any]:
    cls = type(value)
    return {"is": cls.__name__, **_adapter(cls).dump_python(value, mode="json")}


def dump_session(session: Session) -> dict[str, Any]:
    """The session as plain JSON data."""
    return {
        "flow": session.flow,
        "version": session.version,
        "status": session.status,
        "answered": session.answered,
        "step": _dump(session.step),
        "request": _dump(session.request) if session.request else None,
        "history": [_dump(step) for step in session.history],
    }


def load_session(data: dict[str, Any]) -> Session:
    """The session as it was dumped. Raises FlowError if no such flow, version or step is known."""
    flow = FLOWS.get((data["flow"], data["version"]))
    if flow is None:
        raise FlowError(f"no flow {data['flow']} version {data['version']}")
    steps = {cls.__name__: cls for cls in flow.steps}

    def step(item: dict[str, Any]) -> Step:
        if item["is"] not in steps:
            raise FlowError(f"{data['flow']} version {data['version']} has no step {item['is']}")
        loaded: Step = _load(steps[item["is"]], item)
        return loaded

    return Session(
        flow=data["flow"],
        version=data["version"],
        step=step(data["step"]),
        status=data["status"],
        request=_load(REQUESTS[data["request"]["is"]], data["request"])
        if data["request"]
        else None,
        history=tuple(step(item) for item in data["history"]),
        answered=data["answered"],
    )


def _load(cls: type[Any], item: dict[str, Any]) -> Any:
    fields = {name: value for name, value in item.items() if name != "is"}
    return _adapter(cls).validate_python(fields)
