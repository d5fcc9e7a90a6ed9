"""Builds the services of a bot process: first the connections, then the services that share them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.agency.model import Agency, load_agency
from bot.app.channel_registry import Connected, connect
from bot.app.public_notices import PublicNotices
from bot.channels.formatting.phone_numbers import know_short_numbers
from bot.channels.outgoing.adapter import ChannelContext
from bot.channels.web.chats import Conversations
from bot.conversation.addresses import Addresses
from bot.conversation.bans import Bans
from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
from bot.conversation.inbox import Inbox
from bot.conversation.live import Live
from bot.conversation.malware import scanner_of
from bot.core.disk import MEGABYTE, Disk, Room
from bot.core.network import ActionsEndpoint
from bot.core.settings import Settings
from bot.core.texts import read_all
from bot.crisis.emergency import load_net
from bot.desk.auth.permissions import granted_by_role
from bot.faq.publishing.watch import LiveFaq
from bot.handoff.forecast import Forecasts
from bot.handoff.hours import ServiceHours
from bot.handoff.notices import WaitingNotices
from bot.privacy.personal_data import PersonalData, Stores
from bot.privacy.record import Trackers
from bot.record.ban_record import BanBook
from bot.record.engine import PersonsConnection, Sessions, open_database
from bot.record.recovery import Recovery
from bot.record.transcripts.keys import master_keys
from bot.store.client import Store, open_redis
from bot.store.words_keys import KeysCheck
from bot.tickets.approvals import PendingApprovals
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences
from bot.tickets.transitions import Transitions
from bot.turns.assistant import Assistant
from bot.turns.dangers.judge import DangerJudge
from bot.turns.rights.banned import ban_ended, ban_notice


@dataclass(frozen=True)
class Databases:
    """Two connection pools to PostgreSQL; ``persons``, for requests that a person waits for, has a short timeout."""

    engines: tuple[AsyncEngine, AsyncEngine]
    sessions: Sessions
    persons: Sessions

    @classmethod
    def from_settings(cls, settings: Settings) -> Databases:
        """Builds both pools; they connect on first use."""
        url, masters = settings.database_url.get_secret_value(), master_keys(settings)
        engine, sessions = open_database(url, masters=masters)
        persons_engine, persons = open_database(url, PersonsConnection, masters=masters)
        return cls((engine, persons_engine), sessions, persons)

    async def close(self) -> None:
        for engine in self.engines:
            await engine.dispose()


@dataclass(frozen=True, kw_only=True)
class Services:
    """The services of a process; ``recovery`` runs when another service finds that Redis has lost its data."""

    settings: Settings
    disk: Disk
    agency: Agency
    redis: Store
    keys_check: KeysCheck
    databases: Databases
    recovery: Recovery
    inbox: Inbox
    live: Live
    chat: Conversations
    assistant: Assistant
    danger_judge: DangerJudge
    addresses: Addresses
    forecasts: Forecasts
    notices: WaitingNotices
    public_notices: PublicNotices
    faq: LiveFaq
    pending_approvals: PendingApprovals
    outbox: Outbox
    transitions: Transitions
    channels: Connected
    complaint_files: Files

    @property
    def personal_data(self) -> PersonalData:
        """Builds the service that shows, exports, corrects and erases the data of a conversation."""
        trackers = Trackers(self.settings.rasa_database_url.get_secret_value())
        files, sessions = self.chat.files, self.databases.sessions
        home = self.settings.home
        return PersonalData(Stores(sessions, self.redis, files, self.complaint_files, trackers, home))

    @property
    def ban_book(self) -> BanBook:
        """Builds the service that blocks conversations and lifts the blocks."""
        sessions, bans = self.databases.persons, Bans(self.redis)
        return BanBook(sessions, bans, partial(ban_notice, self.agency), ban_ended(self.agency))

    @property
    def service_hours(self) -> ServiceHours:
        return self.forecasts.service_hours

    @property
    def presences(self) -> Presences:
        return self.forecasts.presences

    @classmethod
    def from_settings(cls, settings: Settings) -> Services:
        """Builds all services without connecting. Raises InvalidAgency, InvalidRoles and errors of unreadable texts."""
        read_all()  # these three validate their files and cache the contents
        load_net()
        granted_by_role()
        agency = _agency(settings)
        secret = settings.secret.get_secret_value()
        redis = open_redis(settings.redis_url.get_secret_value(), secret)
        databases, disk = Databases.from_settings(settings), Disk(settings.home, settings.disk_floor_mb)
        recovery, live = Recovery(redis, databases.persons, agency.web_idle_s), Live(redis)
        inbox, files_in = Inbox(redis, recovery.run, secret, agency.web_idle_s), _files_in(settings, disk)
        chat = Conversations.from_redis(redis, inbox, live=live, files=files_in(FILES_FOLDER))
        chat = replace(chat, accepts_new=partial(disk.has, Room.NEW_CONVERSATIONS))
        public_notices = PublicNotices.from_settings(settings, agency, redis)
        board, addresses = public_notices.board, Addresses(secret)
        forecasts = Forecasts.from_agency(agency, redis, board)
        return cls(
            settings=settings,
            disk=disk,
            agency=agency,
            redis=redis,
            keys_check=KeysCheck(redis),
            databases=databases,
            recovery=recovery,
            inbox=inbox,
            live=live,
            chat=chat,
            assistant=Assistant.from_settings(settings, redis, public_notices.inserter),
            danger_judge=DangerJudge(ActionsEndpoint.of(settings)),
            addresses=addresses,
            forecasts=forecasts,
            notices=WaitingNotices(agency, forecasts.service_hours, chat.tickets.count_waiting, forecasts, board),
            public_notices=public_notices,
            faq=LiveFaq(settings.faq_dir, agency, home=settings.answers_home),
            pending_approvals=PendingApprovals(redis, recovery.run, public_notices.inserter.current_line),
            outbox=Outbox(redis),
            transitions=Transitions(redis),
            complaint_files=files_in(COMPLAINT_FILES),
            channels=connect(ChannelContext(settings, agency, redis, inbox, addresses, chat.files)),
        )

    def has_room_for_figures(self) -> bool:
        """Returns whether there is disk space for statistics and for tasks whose output can be recomputed."""
        return self.disk.has(Room.SEARCH)

    async def start(self) -> None:
        """Checks that VENTANILLA_SECRET has the keys of the encrypted words in Redis, and reads the FAQ.

        Skips the check while Redis is unavailable. Raises WordsKeyMissing.
        """
        await self.keys_check.at_start()
        await self.faq.start()

    async def close(self) -> None:
        """Closes all connections; the connections to Redis and PostgreSQL last, because the other services use them."""
        await self.recovery.close()
        await self.live.stop()
        await self.faq.stop()
        await self.channels.close()
        await self.assistant.close()
        await self.danger_judge.close()
        await self.public_notices.matter.close()
        await self.redis.aclose()
        await self.databases.close()


def _agency(settings: Settings) -> Agency:
    """Reads agency.yml, and registers the agency's short phone numbers for recognition in this process's texts."""
    agency = load_agency(settings.agency_file)
    know_short_numbers(agency.short_numbers)
    return agency


def _files_in(settings: Settings, disk: Disk) -> Callable[[str], Files]:
    """Returns a function that creates the Files for a folder in the home folder, limited by quota and free disk space.

    The folder may be a volume of its own, which must have room, too.
    """
    quota, masters, scan = settings.files_quota_mb * MEGABYTE, master_keys(settings), scanner_of(settings.clamd_url)

    def files(folder: str) -> Files:
        disks = (disk, Disk(settings.home / folder, settings.disk_floor_mb))

        def has_room() -> bool:
            return all(one.has(Room.FILES) for one in disks)

        return Files(settings.home / folder, has_room, quota_bytes=quota, scan=scan, masters=masters)

    return files
