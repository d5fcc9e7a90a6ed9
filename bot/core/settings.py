"""Reads the settings from the environment, from ``.env``, and from files with secrets.

If VENTANILLA_SECRET is not set, the first run generates it and stores it in the home folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.core.outgoing.private import LOOPBACK, is_private
from bot.core.roles import unknown_roles
from bot.core.secrets.kept import kept_secret

ROOT = Path(__file__).resolve().parents[2]
LEAST_SECRET = 32  # minimum characters of a secret that an agency sets itself
# The folders in which container engines and systemd (LoadCredential=) put secrets: one file per setting. The second
# has the database owner's URL, for `prepare` and `restore` only; the third has the URL of Valkey's account for copies,
# for `backup` and `restore` only.
FOLDERS = ("/run/secrets", "/run/owner-secrets", "/run/backup-secrets", os.environ.get("CREDENTIALS_DIRECTORY", ""))


class Environment(BaseSettings):
    """Settings from the environment, else ``.env``, else a file in FOLDERS. docs/settings.md lists them."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env",
        extra="ignore",
        populate_by_name=True,
        env_prefix="VENTANILLA_",
        secrets_dir=[one for one in FOLDERS if one and Path(one).is_dir()] or None,
    )


class ChannelSettings(Environment):
    """The base class of a channel's settings, such as its credentials.

    Each channel's settings.py defines a subclass.
    """


class Settings(Environment):
    """The settings of every process. If the URL of a service is empty, the launcher starts an embedded service."""

    home: Path = Field(default=ROOT / ".ventanilla", alias="VENTANILLA_HOME")
    project_root: Path = Field(default=ROOT, alias="VENTANILLA_ROOT")
    faq_dir: Path = Field(default=ROOT / "data" / "faq", alias="FAQ_DIR")
    faq_commits: Literal["", "name", "email"] = Field(default="", alias="FAQ_COMMITS")
    benchmark_messages: str = Field(default="", alias="BENCHMARK_MESSAGES")
    agency_file: Path = Field(default=ROOT / "agency.yml", alias="AGENCY_FILE")
    faq_encoder: str = Field(default="", alias="FAQ_ENCODER")
    redis_url: SecretStr = Field(default=SecretStr(""), alias="REDIS_URL")
    redis_backup_url: SecretStr = Field(default=SecretStr(""), alias="REDIS_BACKUP_URL")
    valkey_maxmemory_mb: int = Field(default=0, alias="VALKEY_MAXMEMORY_MB", ge=0)
    database_url: SecretStr = Field(default=SecretStr(""), alias="DATABASE_URL")
    database_owner_url: SecretStr = Field(default=SecretStr(""), alias="DATABASE_OWNER_URL")
    rasa_database_url: SecretStr = Field(default=SecretStr(""), alias="RASA_DATABASE_URL")
    rasa_url: str = Field(default="", alias="RASA_URL")
    rasa_token: SecretStr = Field(default=SecretStr(""), alias="RASA_TOKEN")
    actions_url: str = Field(default="", alias="ACTIONS_URL")
    actions_token: SecretStr = Field(default=SecretStr(""), alias="ACTIONS_TOKEN")
    host: str = Field(default="127.0.0.1", alias="HOST")
    port: int = Field(default=8000, alias="PORT", ge=1, le=65535)
    metrics_host: str = Field(default="127.0.0.1", alias="METRICS_HOST")
    metrics_port: int = Field(default=9464, alias="METRICS_PORT", ge=0, le=65535)
    actions_metrics_port: int = Field(default=9465, alias="ACTIONS_METRICS_PORT", ge=0, le=65535)
    public_url: str = Field(default="", alias="PUBLIC_URL")
    commands_in: str = Field(default="", alias="COMMANDS_IN")
    widget_origins: Annotated[tuple[str, ...], NoDecode] = Field(default=(), alias="WIDGET_ORIGINS")
    trusted_proxies: str = Field(default="127.0.0.1", alias="TRUSTED_PROXIES")
    oidc_issuer: str = Field(default="", alias="OIDC_ISSUER")
    oidc_client_id: str = Field(default="", alias="OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), alias="OIDC_CLIENT_SECRET")
    oidc_name: str = Field(default="", alias="OIDC_NAME")
    oidc_domains: Annotated[tuple[str, ...], NoDecode] = Field(default=(), alias="OIDC_DOMAINS")
    oidc_hosts: Annotated[tuple[str, ...], NoDecode] = Field(default=(), alias="OIDC_HOSTS")
    oidc_role_claim: str = Field(default="groups", alias="OIDC_ROLE_CLAIM")
    oidc_roles: Annotated[dict[str, str], NoDecode] = Field(default={}, alias="OIDC_ROLES")
    smtp_url: SecretStr = Field(default=SecretStr(""), alias="SMTP_URL")
    smtp_from: str = Field(default="", alias="SMTP_FROM")
    twilio_sms_from: str = Field(default="", alias="TWILIO_SMS_FROM")
    twilio_account_sid: str = Field(default="", alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr = Field(default=SecretStr(""), alias="TWILIO_AUTH_TOKEN")
    twilio_api_url: str = Field(default="https://api.twilio.com", alias="TWILIO_API_URL")
    secret: SecretStr = Field(default=SecretStr(""), alias="VENTANILLA_SECRET")
    transcript_key: SecretStr = Field(default=SecretStr(""), alias="TRANSCRIPT_KEY")
    transcript_key_old: SecretStr = Field(default=SecretStr(""), alias="TRANSCRIPT_KEY_OLD")
    backup_recipients: Annotated[tuple[str, ...], NoDecode] = Field(default=(), alias="BACKUP_RECIPIENT")
    disk_floor_mb: int = Field(default=256, alias="DISK_FLOOR_MB", ge=0)
    files_quota_mb: int = Field(default=2048, alias="FILES_QUOTA_MB", ge=1)
    clamd_url: str = Field(default="", alias="CLAMD_URL", pattern=r"^((unix:///|tcp://[^/:]+:\d+$).*)?$")
    complaints_webhook_url: str = Field(default="", alias="COMPLAINTS_WEBHOOK_URL")
    complaints_webhook_secret: SecretStr = Field(default=SecretStr(""), alias="COMPLAINTS_WEBHOOK_SECRET")
    alarm_webhook_url: str = Field(default="", alias="ALARM_WEBHOOK_URL")
    alarm_webhook_secret: SecretStr = Field(default=SecretStr(""), alias="ALARM_WEBHOOK_SECRET")
    log_level: str = Field(default="INFO", alias="LOG_LEVEL", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @property
    def copied_redis_url(self) -> str:
        """Returns the URL with which backups copy and fill a configured Redis; '' if none is configured."""
        used = self.redis_url.get_secret_value()
        return used and (self.redis_backup_url.get_secret_value() or used)

    @property
    def answers_home(self) -> Path:
        """Returns the part of the home folder that the action server reads: encoder, vectors, classifiers, versions."""
        return self.home / "answers"

    @property
    def tests_dir(self) -> Path:
        """Returns the folder of the agency's test messages, next to its FAQ folder."""
        return self.faq_dir.parent / "pruebas"

    @property
    def benchmark_file(self) -> Path | None:
        """Returns the file of benchmark messages, which may be missing; None if none is set."""
        return Path(self.benchmark_messages) if self.benchmark_messages else None

    @property
    def oidc_label(self) -> str:
        """Returns the display name of the identity provider; '' if no provider is configured."""
        return (self.oidc_name or urlsplit(self.oidc_issuer).netloc) if self.oidc_issuer else ""

    @field_validator("metrics_port", "actions_metrics_port", mode="before")
    @classmethod
    def _off(cls, value: object) -> object:
        return 0 if value == "" else value

    @model_validator(mode="after")
    def _metrics_are_not_public(self) -> Self:
        if self.port in {self.metrics_port, self.actions_metrics_port}:
            raise ValueError("METRICS_PORT and ACTIONS_METRICS_PORT must differ from PORT, which is public")
        return self

    @field_validator("oidc_issuer", "complaints_webhook_url", "alarm_webhook_url")
    @classmethod
    def _https(cls, value: str, info: ValidationInfo) -> str:
        if value and not is_private(value):
            raise ValueError(f"{str(info.field_name).upper()} must be an https address")
        return value

    @model_validator(mode="after")
    def _provider_knows_our_address(self) -> Self:
        on_this_machine = urlsplit(self.oidc_issuer).hostname in LOOPBACK
        if self.oidc_issuer and not self.public_url and not on_this_machine:
            raise ValueError("OIDC_ISSUER needs PUBLIC_URL, the address to which the provider sends browsers back")
        return self

    @field_validator("transcript_key")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        if key := value.get_secret_value():
            _check_length("TRANSCRIPT_KEY", key)
        return value

    @model_validator(mode="after")
    def _webhooks_are_signed(self) -> Self:
        webhooks = {
            "COMPLAINTS_WEBHOOK_SECRET": (self.complaints_webhook_url, self.complaints_webhook_secret),
            "ALARM_WEBHOOK_SECRET": (self.alarm_webhook_url, self.alarm_webhook_secret),
        }
        for name, (url, secret) in webhooks.items():
            if url:
                _check_length(name, secret.get_secret_value())
        return self

    @field_validator("secret")
    @classmethod
    def _long_secret(cls, value: SecretStr) -> SecretStr:
        if setting := value.get_secret_value():
            from bot.core.secrets.encryption import Secrets  # only if there is a secret; the action server has none

            _check_length("VENTANILLA_SECRET", Secrets.of(setting).current)
        return value

    @field_validator("oidc_domains", mode="before")
    @classmethod
    def _domains(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().lower().lstrip("@") for part in value.split(",") if part.strip())
        return value

    @field_validator("oidc_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        from bot.core.outgoing.hosts import hosts_of  # only if it is set: httpx takes time to load

        return hosts_of("OIDC_HOSTS", value) if isinstance(value, str) else value

    @field_validator("oidc_roles", mode="before")
    @classmethod
    def _roles(cls, value: object) -> object:
        """Parses ``group=role, group=role``; in each pair, the role follows the last ``=``.

        Raises ValueError for an unknown role.
        """
        if not isinstance(value, str):
            return value
        pairs = [part.strip().rpartition("=") for part in value.split(",") if part.strip()]
        unknown = unknown_roles(role.strip() for _, _, role in pairs)
        if unknown:
            raise ValueError(f"OIDC_ROLES names unknown roles: {', '.join(unknown)}")
        return {group.strip(): role.strip() for group, _, role in pairs}

    @field_validator("backup_recipients", mode="before")
    @classmethod
    def _recipients(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("widget_origins", mode="before")
    @classmethod
    def _origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value


def _check_length(name: str, secret: str) -> None:
    """Raises ValueError if the secret has fewer than LEAST_SECRET characters."""
    if len(secret) < LEAST_SECRET:
        raise ValueError(f"{name} needs at least {LEAST_SECRET} characters")


def secret_variables(settings: type[BaseSettings]) -> frozenset[str]:
    """Returns the names of the environment variables that hold a secret, for this class of settings."""
    fields = settings.model_fields.values()
    return frozenset(one.alias for one in fields if one.alias and one.annotation is SecretStr)


def load_settings() -> Settings:
    """Returns the settings; if ``secret`` is not set, takes it from the home folder, where the first run generates it.

    Raises ValidationError if a setting is invalid, and the errors of ``kept_secret``.
    """
    settings = Settings()
    if settings.secret.get_secret_value():
        return settings
    return settings.model_copy(update={"secret": SecretStr(kept_secret(settings.home, "secret"))})
