"""Implements ``ventanilla serve``, which runs a single service for supervisors that run each service separately."""

from __future__ import annotations

import os
import sys

from bot.core.errors.rasa import ModelMissing
from bot.core.process import raise_open_files
from bot.core.settings import Settings
from bot.rasa.training import TrainingPaths, current_model
from bot.run.rasa_part import LARGE_PAGES, QUIET, rasa_command, rasa_variables
from bot.run.service import Service
from bot.store.words_keys import require_words_keys_at


def serve(settings: Settings, service: Service) -> None:
    """Replaces this process with the service, which listens on HOST and PORT.

    Raises ModelMissing if Rasa has no model, and WordsKeyMissing if the bot cannot read what Redis has.
    """
    os.umask(0o077)
    raise_open_files()
    url, secret = settings.redis_url.get_secret_value(), settings.secret.get_secret_value()
    if url and service in {Service.WEB, Service.WORKER}:
        require_words_keys_at(url, secret)
    command, variables = _command_of(settings, service)
    os.execve(command[0], command, {**os.environ, **variables})  # noqa: S606  (commands are our own)


def _command_of(settings: Settings, service: Service) -> tuple[list[str], dict[str, str]]:
    """Returns the command of the service, and the variables to add to this process's environment."""
    if service is Service.RASA:
        return _rasa(settings)
    if service is Service.ACTIONS:
        address = {"ACTIONS_HOST": settings.host, "ACTIONS_PORT": str(settings.port)}
        return [sys.executable, "-m", "actions"], {**LARGE_PAGES, **address}
    return [sys.executable, "-m", "bot", service], {}


def _rasa(settings: Settings) -> tuple[list[str], dict[str, str]]:
    """Returns the command and variables for Rasa with the newest trained model. Raises ModelMissing."""
    model = current_model(TrainingPaths.of(settings))
    if model is None:
        raise ModelMissing()
    command = rasa_command(settings.project_root, model=model, host=settings.host, port=settings.port)
    trackers = settings.rasa_database_url.get_secret_value() or settings.database_url.get_secret_value()
    tokens = {"RASA_TOKEN": settings.rasa_token, "ACTIONS_TOKEN": settings.actions_token}
    # Without a token, Rasa fails to start, so that the missing setting is noticed.
    given = {name: value for name, token in tokens.items() if (value := token.get_secret_value())}
    return command, {**rasa_variables(trackers), **given, "ACTIONS_URL": settings.actions_url, **QUIET}
