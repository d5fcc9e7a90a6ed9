"""Reads the tuned coefficients of the answerer from coefficients.yml, and checks their names and types."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
)

from bot.core.errors.contents import CoefficientsInvalid
from bot.core.yaml import read_yaml
from bot.faq.ranking.feature_names import EntryFeature, FollowFeature, MatterFeature, TalkFeature, VerifiedFeature

FILE = Path(__file__).with_suffix(".yml")
Weights = NDArray[np.float64]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[FiniteFloat, Field(gt=0)]


@dataclass(frozen=True)
class Usual:
    """The prior of the calibration: coefficients, and the standard deviation of each feature in the data of the fit.

    Both arrays begin with the intercept, followed by each EntryFeature in order.
    """

    coefficients: Weights
    spread: Weights


def every(names: type[StrEnum]) -> AfterValidator:
    """Returns a validator for a mapping: it requires a key for each of ``names``, and sorts the keys like ``names``."""

    def checked(found: dict[Any, Any]) -> dict[Any, Any]:
        if missing := [name.value for name in names if name not in found]:
            raise ValueError(f"missing: {', '.join(missing)}")
        return {name: found[name] for name in names}

    return AfterValidator(checked)


class _Numbers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Section(_Numbers):
    """The coefficients of one section; ``origin`` says how they were chosen, and on which data."""

    origin: Annotated[str, Field(min_length=1)]


class Weighed(_Numbers):
    """A coefficient and the standard deviation of its feature in the data that the model was fitted to."""

    coefficient: FiniteFloat
    spread: Positive


class EntryModel(_Section):
    """The prior of the calibration, as written in coefficients.yml."""

    unit: str
    intercept: Weighed
    features: Annotated[dict[EntryFeature, Weighed], every(EntryFeature)]

    @cached_property
    def usual(self) -> Usual:
        """Returns the prior as arrays."""
        rows = (self.intercept, *self.features.values())
        return Usual(np.array([row.coefficient for row in rows]), np.array([row.spread for row in rows]))


class _Recogniser(_Section):
    """The coefficients of a logistic regression that is the same for every agency's FAQ."""

    unit: str
    intercept: FiniteFloat
    features: dict[Any, FiniteFloat]

    @cached_property
    def coefficients(self) -> Weights:
        """Returns the intercept, followed by the coefficient of each feature."""
        return np.array([self.intercept, *self.features.values()])


class MatterModel(_Recogniser):
    """The model that recognizes out-of-scope topics, with a probability of at least ``minimum``."""

    minimum: Share
    features: Annotated[dict[MatterFeature, FiniteFloat], every(MatterFeature)]


class TalkModel(_Recogniser):
    """The model that recognizes chitchat, with a probability of at least ``minimum``.

    Chitchat with the odds o outweighs entries whose probabilities sum to less than ``outweighed`` * o**``power``.
    """

    minimum: Share
    outweighed: Positive
    power: Positive
    features: Annotated[dict[TalkFeature, FiniteFloat], every(TalkFeature)]


class VerifiedModel(_Recogniser):
    """The model that corrects the probabilities of a message's likeliest entries.

    Only if the likeliest has fewer than ``few`` utterances and its probability is less than ``sure``, and if all
    probabilities together are at least ``minimum``. ``raised`` is added to the fitted intercept.
    """

    few: PositiveInt
    sure: Share
    minimum: Share
    raised: FiniteFloat
    features: Annotated[dict[VerifiedFeature, FiniteFloat], every(VerifiedFeature)]

    @cached_property
    def coefficients(self) -> Weights:
        return np.array([self.intercept + self.raised, *self.features.values()])


class FollowingModel(_Recogniser):
    """The model that recognizes which entry answers a message that follows an answer.

    The entry answers if its probability reaches ``minimum_answer``, and the threshold of all answers.
    """

    minimum_answer: Share
    features: Annotated[dict[FollowFeature, FiniteFloat], every(FollowFeature)]


class CalibrationNumbers(_Section):
    share_weight: Positive
    topic_share: Share
    unknown_share: Share
    known_share: Share
    talk_share: Share
    counterexample_share: Share
    prior_strength: Positive
    held: tuple[EntryFeature, ...]
    minimum_offer_hits: Share
    maximum_offer_per_utterance: Positive
    fewest_utterances: Positive
    cautious: Share
    mistakes_factor: Positive
    mistakes_factor_denied: Positive
    unseen_mistakes: Positive
    minimum_answer: Share


class IndexNumbers(_Section):
    regularisation: Positive
    regularisation_among: Positive
    passage_weight: Share
    letters_weight: Positive
    temperature: Positive
    astray_share: Share
    alike: Share
    same: Share
    many_counterexamples: NonNegativeInt


class LearnerNumbers(_Section):
    """The coefficients for training a classifier (``learn`` in classifier.py)."""

    sharpness: Positive
    runs_weight: Share
    regularisation: Positive
    background_texts: NonNegativeInt
    background_weight: Positive


class RiskLimits(_Numbers):
    """The minimum scores of a danger: for any kind, for the recognized kind, and for kinds with another minimum."""

    any_kind: Share
    own_kind: Share
    own_kind_of: dict[str, Share]

    def of(self, kind: str) -> float:
        return self.own_kind_of.get(kind, self.own_kind)


class ClearLimits(RiskLimits):
    """The limits of a sure danger, or of a part: that for any kind counts only if the own kind reaches ``beside``."""

    beside: Share


class RiskNumbers(LearnerNumbers):
    possible: RiskLimits
    possible_despite_answer: RiskLimits
    possible_in_part: ClearLimits
    words_in_part: RiskLimits
    sure: ClearLimits
    doubtful: RiskLimits


class CommandNumbers(LearnerNumbers):
    left_out: tuple[str, ...]
    sure: Share
    sure_of: dict[str, Share]


class AnswererNumbers(_Section):
    exact: Share
    minimum_offered: Share
    minimum_offered_of_best: Share
    hardly_any: Positive
    minimum_words_for_two: PositiveInt
    second_likely: Share
    maximum_words_for_more: PositiveInt
    minimum_part: Share
    maximum_again: Share


class FollowUpNumbers(_Section):
    minimum_part_words: PositiveInt
    maximum_cuts: PositiveInt
    whole_words: PositiveInt
    whole_own_stems: PositiveInt
    whole_probability: Share


class SimilarityNumbers(_Section):
    meaning_weight: Positive
    usual_nearness: Share
    minimum_nearness: Share
    few: PositiveInt


class ConflictNumbers(_Section):
    same: Positive
    minimum_shared: Share
    misplaced: Positive
    minimum_elsewhere: Positive
    same_entries: Share
    minimum_own: Positive


class Coefficients(_Numbers):
    """All coefficients of coefficients.yml, which explains each of them next to its value."""

    entry: EntryModel
    calibration: CalibrationNumbers
    index: IndexNumbers
    out_of_scope_topic: MatterModel
    chitchat: TalkModel
    verifier: VerifiedModel
    following: FollowingModel
    risk: RiskNumbers
    commands: CommandNumbers
    requests: LearnerNumbers
    answerer: AnswererNumbers
    follow_up: FollowUpNumbers
    similarity: SimilarityNumbers
    conflicts: ConflictNumbers


@lru_cache(maxsize=1)
def tuned() -> Coefficients:
    """Returns the coefficients of coefficients.yml, which is read only once. Raises CoefficientsInvalid."""
    return read_coefficients(FILE.read_text(encoding="utf-8"))


def read_coefficients(content: str) -> Coefficients:
    """Parses the content of coefficients.yml. Raises CoefficientsInvalid, which names the first invalid coefficient."""
    try:
        return Coefficients.model_validate(read_yaml(content))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise CoefficientsInvalid(field=field, problem=first["msg"]) from error
    except yaml.YAMLError as error:
        raise CoefficientsInvalid(field="YAML", problem=" ".join(str(error).split())) from error
