"""Defines which commands each account may run in our Valkey, the embedded one and that of Docker Compose.

Needs only the standard library, since deploy/make_secrets.py imports it, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

BOT = "ventanilla"
BACKUP = "ventanilla_backup"
HEALTH = "ventanilla_health"  # asks whether Valkey answers
CONNECTING = "auth client|setinfo client|setname hello multi exec discard ping select"
# What the scripts of lua/ and the commands of ``Store`` (commands.py) run, and nothing else: a test compares them.
RUNNING = """
bgrewriteaof del evalsha exists expire get hdel hexists hget hgetall hincrby hkeys hmget hset hsetnx incr info
lindex llen lpop lpush lrange lrem lset ltrim mget persist pexpire pttl rename rpush sadd scan script|load set
sismember smembers srem time type xack xadd xautoclaim xclaim xdel xgroup|create xinfo|groups xlen xpending xrange
xread xreadgroup xrevrange xtrim zadd zcard zcount zrange zrangebyscore zrank zrem zscore
"""
# Copies everything as a replica would, and fills an empty Valkey from a backup (bot/backup).
COPYING = """
dbsize exists hset info pexpireat psync replconf rpush sadd set sync time type xadd xclaim xgroup|create
xgroup|destroy xinfo|groups xpending xrange xsetid zadd
"""
COMMANDS = {
    BOT: f"{CONNECTING} {RUNNING}".split(),
    BACKUP: f"{CONNECTING} {COPYING}".split(),
    HEALTH: CONNECTING.split(),
}
NOWHERE = "resetkeys"  # HEALTH reads and writes no key
# Nobody can open the account without a name. It may run everything: with its rights, even while it is off, Valkey 8.1
# repeats the transactions of its append-only file at a start, and leaves out those that it may not run.
UNNAMED = "user default reset off ~* &* +@all"


def rules_of(name: str, password: str) -> list[str]:
    """Returns the rules of an account in the form of ACL SETUSER; of the password they contain only the SHA-256."""
    hashed = hashlib.sha256(password.encode()).hexdigest()
    names = NOWHERE if name == HEALTH else "~*"
    return ["reset", "on", f"#{hashed}", names, "resetchannels", *(f"+{command}" for command in COMMANDS[name])]


def account_lines(passwords: Mapping[str, str]) -> list[str]:
    """Returns a line for each account, in the format that Valkey's configuration and its ACL file share.

    The first line closes the account without a name.
    """
    return [UNNAMED, *(f"user {name} {' '.join(rules_of(name, password))}" for name, password in passwords.items())]
