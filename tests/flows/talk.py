"""Plays a conversation with a flow, storing and reloading its session between all turns."""

from flows import effects
from flows.codec import dump_session, load_session
from flows.effects import ReleaseHold, Say
from flows.engine import Context, Flow, Step, Turn, advance, leave, start
from flows.events import Answer, Chose, Entered, Event
from tests.flows.world import CTX, World


class Talk:
    """A patient at a flow. `told`, `asked` and `released` are of the last thing that was done."""

    def __init__(
        self,
        flow: Flow,
        world: World | None = None,
        ctx: Context = CTX,
        step: Step | None = None,
        answers: dict[type, list[Answer]] | None = None,
    ):
        self.world, self.ctx = world or World(), ctx
        self.answers = answers or {}  # what a kind of request is answered, before all goes well
        self.told: list[Say] = []
        self.asked: list[effects.Request] = []
        self.deeds: list[effects.Deed] = []
        self.held: set[int] = set()
        self._settle(start(flow, ctx, step))

    def do(self, *doings: Event | str) -> "Talk":
        """Do one after the other; a plain string is a choice, which must be on offer."""
        for doing in doings:
            if isinstance(doing, str):
                assert doing in self.choices, (doing, self.choices)
            self.told, self.asked, self.deeds = [], [], []
            event = Chose(doing) if isinstance(doing, str) else doing
            self._settle(advance(self.session, event, self.ctx))
        return self

    def go_away_and_come_back(self, ctx: Context | None = None) -> "Talk":
        """What the router does on a time-out or a digression, and at its end."""
        self._deeds(leave(self.session))
        self.ctx = ctx or self.ctx
        return self.do(Entered())

    def _settle(self, turn: Turn) -> None:
        while True:
            self.timeout = turn.timeout
            self._deeds(turn.effects)
            self.session = load_session(dump_session(turn.session))
            if (what := self.session.request) is None:
                return
            self.asked.append(what)
            scripted = self.answers.get(type(what))
            answer = scripted.pop(0) if scripted else self.world.good(what)
            if hasattr(answer, "until"):
                self.held.add(answer.appointment_id)
            turn = advance(self.session, answer, self.ctx)

    def _deeds(self, deeds: tuple[effects.Deed, ...]) -> None:
        for deed in deeds:
            if isinstance(deed, Say):
                self.told.append(deed)
            if isinstance(deed, ReleaseHold):
                self.held.discard(deed.appointment_id)
            self.deeds.append(deed)

    @property
    def keys(self) -> list[str]:
        """The keys of what was said."""
        return [say.text for say in self.told]

    @property
    def choices(self) -> list[str]:
        """The values on offer."""
        return [choice.value for choice in self.told[-1].choices]

    @property
    def card(self) -> dict[str, effects.Value]:
        """The lines of the card that was shown last."""
        return {row.label: row.value for row in self.told[-1].rows}

    @property
    def at(self) -> str:
        """The name of the step."""
        return type(self.session.step).__name__

    @property
    def over(self) -> bool:
        """Whether the flow has come to its end."""
        return self.session.status == "completed"
