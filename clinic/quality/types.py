"""Values of the quality audit: a month's sample, and what experts made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

# Why a conversation was drawn, the gravest first: one that was several counts as the first.
Stratum = Literal["level_4", "triage", "handoff", "questionnaire", "dialogue"]
STRATA: tuple[Stratum, ...] = get_args(Stratum)
FindingKind = Literal["wrong_level", "unclear_text", "missing_question", "language", "other"]
FINDING_KINDS: tuple[FindingKind, ...] = get_args(FindingKind)
FindingState = Literal["open", "closed"]
FINDING_STATES: tuple[FindingState, ...] = get_args(FindingState)
# What a finding is about: `presentation:ID`, `questionnaire:NAME`, `text:KEY`, `red_flag:RULE`.
ScriptKind = Literal["presentation", "questionnaire", "text", "red_flag"]
SCRIPT_KINDS: tuple[ScriptKind, ...] = get_args(ScriptKind)
# All rules of a kind together, by the digest of what they say.
RuleSet = Literal["red_flags", "triage"]
RULE_SETS: Mapping[RuleSet, ScriptKind] = {"red_flags": "red_flag", "triage": "presentation"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One reviewed conversation. `score` in per cent, `scripts` those that have a finding.

    `rules`: the versions that it went by, of scripts and of whole sets (see RULE_SETS).
    """

    month: date
    score: int
    scripts: tuple[str, ...]
    rules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some reviewed conversations: how many, their mean score and the share of them that have
    a finding, both in per cent."""

    reviewed: int
    mean: int
    share: int


@dataclass(frozen=True, slots=True)
class OfMonth:
    """The figures of a month, its first day."""

    month: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class OfVersion:
    """The figures under one version of a rule. `since`: the first month it was audited in."""

    version: str
    since: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class Course:
    """A rule from version to version, the oldest first."""

    rule: str
    versions: tuple[OfVersion, ...]
