"""Names the features of the answerer's models, in the order of the feature arrays and of coefficients.yml."""

from __future__ import annotations

from enum import StrEnum


class EntryFeature(StrEnum):
    """The features for estimating the probability that an entry answers, in the order of the feature arrays."""

    SCORE = "score"
    SCORE_OVER_OTHERS = "score_over_others"
    SCORE_AMONG_ENTRIES = "score_among_entries"
    LOG_SHARE = "log_share"
    NEAREST_OVER_MATTERS = "nearest_over_matters"
    NEAREST_OVER_TALK = "nearest_over_talk"
    CENTRE_AMONG_ENTRIES = "centre_among_entries"
    CENTRE_OVER_MATTERS = "centre_over_matters"
    LOG_TEXTS = "log_texts"
    LOG_TEXTS_SQUARED = "log_texts_squared"
    LOG_TEXTS_BY_LOG_SHARE = "log_texts_by_log_share"
    LOG_TEXTS_BY_NEAREST_OVER_MATTERS = "log_texts_by_nearest_over_matters"
    LOG_TEXTS_BY_SCORE_OVER_OTHERS = "log_texts_by_score_over_others"
    LOG_TEXTS_BY_SCORE_AMONG_ENTRIES = "log_texts_by_score_among_entries"
    LOG_TEXTS_BY_SCORE = "log_texts_by_score"
    LOG_TEXTS_BY_CENTRE_AMONG_ENTRIES = "log_texts_by_centre_among_entries"
    LOG_TEXTS_BY_CENTRE_OVER_MATTERS = "log_texts_by_centre_over_matters"
    MISSED_WEIGHT = "missed_weight"
    MISSED_SHARE = "missed_share"
    UNKNOWN = "unknown"
    UNUSUAL = "unusual"
    LOG_TEXTS_BY_MISSED_SHARE = "log_texts_by_missed_share"
    LOG_TEXTS_BY_UNUSUAL = "log_texts_by_unusual"
    SAID_AMONG_ENTRIES = "said_among_entries"
    NEAREST_WITHOUT_MEAN = "nearest_without_mean"
    CENTRE_WITHOUT_MEAN = "centre_without_mean"


class VerifiedFeature(StrEnum):
    """The features from which ``verifying`` estimates the probability that an entry answers."""

    CHANCE = "chance"
    VERIFIED = "verified"
    VERIFIED_AMONG_ENTRIES = "verified_among_entries"


class MatterFeature(StrEnum):
    """The features from which ``out_of_scope`` estimates the probability of an out-of-scope topic."""

    SCORE = "score"
    SCORE_OVER_OTHERS = "score_over_others"
    LOG_SHARE = "log_share"
    NEAREST_OVER_OTHERS = "nearest_over_others"


class TalkFeature(StrEnum):
    """The features from which ``out_of_scope`` estimates the probability that a message is chitchat."""

    SCORE_OF_TALK = "score_of_talk"
    SCORE_OF_OTHERS = "score_of_others"
    LOG_SHARE_OF_TALK = "log_share_of_talk"
    LOG_SHARE_OF_OTHERS = "log_share_of_others"
    NEAREST_OF_TALK = "nearest_of_talk"
    NEAREST_OF_OTHERS = "nearest_of_others"


class FollowFeature(StrEnum):
    """The features from which ``following`` (bot/faq/answering) estimates which entry answers a follow-up."""

    ALONE = "alone"
    QUESTION = "question"
    WORDS = "words"
    FIRST_BY_WORDS = "first_by_words"
    RIVAL_ALONE = "rival_alone"
    NAMED = "named"
    LOG_SHARE_ALONE = "log_share_alone"
    LOG_SHARE_WORDS = "log_share_words"
    NEAREST_ALONE = "nearest_alone"
    NEAREST_QUESTION = "nearest_question"
    OVER = "over"
    OVER_DENIED_QUESTION = "over_denied_question"
    PREVIOUS_ALONE = "previous_alone"
    PREVIOUS_RIVAL_ALONE = "previous_rival_alone"
    PREVIOUS_NEAREST_WORDS = "previous_nearest_words"
    PREVIOUS_OVER_DENIED = "previous_over_denied"
    PREVIOUS_DENIES = "previous_denies"
    PREVIOUS_MISSED = "previous_missed"
    PREVIOUS_BARE = "previous_bare"
    PREVIOUS_LENGTH = "previous_length"
    PREVIOUS_GOES_ON = "previous_goes_on"
    PREVIOUS_TURNS_AWAY = "previous_turns_away"
