"""Builds the worker, which processes citizens' messages, and the dialogues that it needs."""

from __future__ import annotations

from functools import partial

from bot.app.services import Services
from bot.conversation.bans import Bans
from bot.handoff.approval_policy import ApprovalPolicy
from bot.handoff.callbacks.dialogue import CallbackDialogue
from bot.handoff.callbacks.request import Requests
from bot.handoff.complaints.complaints import Complaints
from bot.handoff.courtesies import is_courtesy
from bot.handoff.estimate import asks_how_long, names_matter
from bot.handoff.open_now import HoursAnswer
from bot.privacy.erasures import REQUEST_MARK, new_receipt
from bot.privacy.links import OwnDataLinks
from bot.record.complaint_record import ComplaintBook
from bot.record.privacy_requests import RequestBook
from bot.turns.buttons import plain
from bot.turns.message_batch import MessageBatches
from bot.turns.queue.waiting import RETURN_WORDS, WaitingRules
from bot.turns.rights.banned import Banned
from bot.turns.rights.dialogue import Rights
from bot.turns.rights.registering import Registering
from bot.turns.turns import Turns
from bot.turns.worker import Worker


def worker_of(services: Services) -> Worker:
    """Builds the worker that processes citizens' messages."""
    agency, service_hours = services.agency, services.service_hours
    waiting = WaitingRules(
        position_notice=services.notices.still,
        callbacks=CallbackDialogue(agency, Requests(agency, service_hours), services.addresses),
        complaints=Complaints.from_record(
            agency, service_hours, ComplaintBook(services.databases.persons), services.inbox
        ),
        approval_policy=ApprovalPolicy(agency, service_hours, services.presences, services.faq.team_of),
        asks_how_long=asks_how_long,
        names_matter=names_matter,
        is_courtesy=is_courtesy,
        hours_answer=HoursAnswer(agency, services.public_notices.board),
    )
    turns = Turns(
        agency=agency,
        assistant=services.assistant,
        wait_notice=services.notices,
        rollout=services.chat.rollout,
        waiting=waiting,
        accepts_new=services.chat.accepts_new,
        judge=services.danger_judge.judge,
        notices=services.public_notices.inserter,
        rights=rights_of(services),
    )
    return Worker(
        redis=services.redis,
        inbox=services.inbox,
        pending_approvals=services.pending_approvals,
        turns=turns,
        batches=MessageBatches(agency.debounce_ms),
    )


def rights_of(services: Services) -> Rights:
    """Builds the dialogue about citizens' own data, with the replies to citizens whom staff have blocked."""
    agency, book = services.agency, RequestBook(services.databases.persons)
    registering = Registering(agency, book, services.inbox, partial(new_receipt, REQUEST_MARK))
    link = OwnDataLinks(services.addresses, services.settings.public_url).address
    callbacks = CallbackDialogue(agency, Requests(agency, services.service_hours), services.addresses)
    about_data, judge = services.assistant.is_about_own_data, services.danger_judge.judge
    banned = Banned(agency, Bans(services.redis), judge, about_data, callbacks)
    return Rights(link, new_receipt, registering, banned, services.personal_data.holds.is_held, _explains_nothing)


def _explains_nothing(text: str) -> bool:
    """Returns whether a waiting citizen's text is for the queue: thanks, a question about the wait, «volver»."""
    return is_courtesy(text) or asks_how_long(text) or plain(text) in RETURN_WORDS
