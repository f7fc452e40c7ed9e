"""What the figures are told of a conversation: names of steps, goals and why sessions were left."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flows.dialogue import Dialogue
from flows.engine import Session
from flows.events import FormSubmitted, Said, TimedOut, VisitBooked
from flows.progress import Noted, progress


@dataclass(frozen=True)
class Pick:
    value: int = 0


@dataclass(frozen=True)
class Confirm:
    pass


@dataclass(frozen=True)
class Stuck:
    why: str
    service: int = 7

    @property
    def goal(self) -> Any:
        return SimpleNamespace(search=SimpleNamespace(service_id=self.service))


def at(step: Any, *history: Any, flow: str = "booking", **more: Any) -> Session:
    return Session(flow, 1, step, history=history, **more)


def told(
    before: Any, after: Any, event: Any = None, answers: Any = (), handed: bool = False
) -> Any:
    was, now = (Dialogue(stack=tuple(one)) for one in (before, after))
    return progress(was, now, event or Said("x"), answers, handed=handed)


def test_a_step_counts_when_it_is_first_reached() -> None:
    assert told([], [at(Pick())]) == (Noted("step", "booking.Pick"),)
    assert told([at(Pick())], [at(Confirm(), Pick())]) == (Noted("step", "booking.Confirm"),)


def test_the_same_step_again_or_a_step_back_does_not_count() -> None:
    assert told([at(Pick())], [at(Pick())]) == ()
    assert told([at(Pick())], [at(Pick(1))]) == ()
    assert told([at(Confirm(), Pick())], [at(Pick())]) == ()


def test_what_lies_below_does_not_count_again_nor_a_wish_nor_the_menu() -> None:
    menu = at(Pick(), flow="menu")
    assert told([at(Pick())], [at(Pick()), menu]) == ()
    assert told([], [at(Pick(), status="moving"), menu]) == ()


def test_a_search_without_a_time_names_the_service() -> None:
    noted = told([at(Pick())], [at(Stuck("none_free"), Pick())])
    assert noted == (Noted("step", "booking.Stuck"), Noted("nothing", "", 7))


def test_a_goal_is_what_the_world_answered() -> None:
    booked = VisitBooked(visit=None)  # type: ignore[arg-type]  # its kind counts
    assert told([at(Confirm(), Pick())], [], answers=[booked]) == (Noted("goal", "booking"),)
    form = [at(Pick(), flow="questionnaire")]
    assert told(form, [], answers=[FormSubmitted()]) == (Noted("goal", "questionnaire"),)


def test_who_is_left_without_a_time_left_because_of_that() -> None:
    assert told([at(Stuck("too_many"))], []) == (Noted("left", "booking.Stuck.too_many"),)


def test_who_asked_for_a_person_or_gave_up_left_for_that() -> None:
    assert told([at(Pick())], [], handed=True) == (Noted("left", "booking.Pick.staff"),)
    assert told([at(Pick())], []) == (Noted("left", "booking.Pick.ended"),)


def test_a_flow_without_an_answer_of_the_world_has_its_goal_at_its_end() -> None:
    triage = at(Pick(), flow="triage")
    assert told([triage], []) == (Noted("goal", "triage"),)
    assert told([triage, at(Pick(), flow="menu")], []) == (Noted("left", "triage.Pick.ended"),)


def test_silence_is_a_way_to_leave_though_one_may_come_back() -> None:
    pause = at(Pick(), flow="pause")
    silent = (Noted("left", "booking.Pick.silence"),)
    assert told([at(Pick())], [at(Pick()), pause], TimedOut()) == silent
    assert told([pause], [pause], TimedOut()) == ()
    assert told([], [], TimedOut()) == ()
