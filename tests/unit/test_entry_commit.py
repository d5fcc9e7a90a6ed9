"""Tests that a publication is committed alone, with the real git program as the judge."""

from __future__ import annotations

import errno
import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

pytest.importorskip("dulwich")  # the lock has it; an environment from before may not

from bot.desk.editing.commits import commit as committed
from bot.desk.editing.commits import index
from bot.desk.editing.commits.commit import Change, commit
from bot.desk.editing.commits.locks import alone, held, release_left
from bot.desk.editing.commits.repository import branch_of
from bot.desk.editing.commits.trouble import CannotCommit, Reason
from tests.git import git, needs_git, repository, status

pytestmark = needs_git
AT = datetime(2026, 11, 2, 9, 30, tzinfo=timezone(timedelta(hours=-3)))
FILE = "calle/bache.md"
OURS = "Ventanilla <ventanilla@ventanilla.invalid>"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Returns a repository with the folder ``data/faq`` and another file outside of it."""
    folder = tmp_path / "repo"
    (folder / "data/faq/calle").mkdir(parents=True)
    (folder / "data/faq" / FILE).write_text("uno\n")
    (folder / "data/faq/calle/chip.md").write_text("chip\n")
    (folder / "notas.txt").write_text("notas\n")
    return repository(folder)


def change(files: dict[str, bytes | None], message: str = "Publica: ¿Qué hago?\n") -> Change:
    return Change(files, message, "Ána Pérez <ana@losaromos.example>", OURS, AT)


def publish(work: Path, content: str, path: str = FILE) -> str:
    """Writes and commits a file of the FAQ, as a publication does."""
    file = work / "data/faq" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return commit(work / "data/faq", change({path: content.encode()}))


def refused(work: Path) -> Reason:
    with pytest.raises(CannotCommit) as error:
        publish(work, "dos\n")
    return error.value.reason


def heads(work: Path) -> list[str]:
    return git(work, "log", "--format=%an|%ae|%cn|%ai|%s").splitlines()


def test_commit_has_editor_message_and_only_its_file_and_git_finds_nothing_wrong(work: Path) -> None:
    made = publish(work, "dos\n")
    assert git(work, "rev-parse", "HEAD") == made
    assert heads(work)[0] == "Ána Pérez|ana@losaromos.example|Ventanilla|2026-11-02 09:30:00 -0300|Publica: ¿Qué hago?"
    assert git(work, "show", "--format=", "--name-status", "HEAD") == f"M\tdata/faq/{FILE}"
    assert git(work, "show", f"HEAD:data/faq/{FILE}") == "dos"
    assert status(work) == []
    assert git(work, "fsck", "--strict", check=False).strip() == ""
    assert git(work, "reflog", "-1", "--format=%gs") == "Publica: ¿Qué hago?"
    assert [path.name for path in (work / ".git").rglob("*.lock")] == ["ventanilla.lock"]


def test_staged_changes_of_a_person_stay_uncommitted(work: Path) -> None:
    (work / "notas.txt").write_text("cambiado\n")
    (work / "data/faq/calle/chip.md").write_text("a medias\n")
    (work / "nuevo.txt").write_text("nuevo\n")
    git(work, "add", "notas.txt")
    git(work, "add", "--intent-to-add", "nuevo.txt")
    publish(work, "dos\n")
    publish(work, "otra\n", "vial/nueva.md")
    assert status(work) == [" M data/faq/calle/chip.md", "M  notas.txt", " A nuevo.txt"]
    assert git(work, "show", "HEAD:notas.txt") == "notas"
    git(work, "commit", "-q", "-m", "De Pía")  # with a cache of trees that must not be the old one
    assert git(work, "show", f"HEAD:data/faq/{FILE}") == "dos"
    assert git(work, "show", "--format=", "--name-only", "HEAD") == "notas.txt"


def test_new_moved_and_deleted_files_leave_no_empty_folder(work: Path) -> None:
    publish(work, "otra\n", "vial/nueva.md")
    (work / "data/faq/vial/nueva.md").rename(work / "data/faq/calle/nueva.md")
    commit(
        work / "data/faq", change({"vial/nueva.md": None, "vial/nueva.frases.txt": None, "calle/nueva.md": b"otra\n"})
    )
    assert git(work, "ls-tree", "-r", "--name-only", "HEAD", "data/faq").splitlines() == [
        "data/faq/calle/bache.md",
        "data/faq/calle/chip.md",
        "data/faq/calle/nueva.md",
    ]
    assert "vial" not in git(work, "ls-tree", "--name-only", "HEAD", "data/faq/")
    assert status(work) == []


def test_unchanged_content_makes_no_commit(work: Path) -> None:
    assert publish(work, "uno\n") == ""
    assert len(heads(work)) == 1


def test_file_that_changed_again_since_shows_only_that(work: Path) -> None:
    (work / "data/faq" / FILE).write_text("tres\n")
    commit(work / "data/faq", change({FILE: b"dos\n"}))
    assert git(work, "show", f"HEAD:data/faq/{FILE}") == "dos"
    assert status(work) == [f" M data/faq/{FILE}"]


def test_first_commit_of_an_empty_repository(tmp_path: Path) -> None:
    work = tmp_path / "repo"
    work.mkdir()
    git(work, "init", "-q", "-b", "principal")
    publish(work, "uno\n")
    assert (len(heads(work)), status(work)) == (1, [])


def test_linked_worktree_has_its_own_branch_and_index(work: Path, tmp_path: Path) -> None:
    linked = tmp_path / "otra"
    git(work, "worktree", "add", "-q", "-b", "respuestas", str(linked))
    publish(linked, "dos\n")
    assert (len(heads(linked)), len(heads(work))) == (2, 1)
    assert (status(linked), status(work)) == ([], [])
    assert branch_of(linked / "data/faq") == "respuestas"


def test_folder_that_is_a_link_is_committed_where_it_is(work: Path, tmp_path: Path) -> None:
    (tmp_path / "faq").symlink_to(work / "data/faq")
    commit(tmp_path / "faq", change({FILE: b"dos\n"}))
    assert git(work, "show", f"HEAD:data/faq/{FILE}") == "dos"


def test_packed_branch_and_objects(work: Path) -> None:
    git(work, "gc", "-q")
    git(work, "pack-refs", "--all")
    publish(work, "dos\n")
    publish(work, "tres\n")
    assert (len(heads(work)), status(work)) == (3, [])


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_versions_of_the_index(work: Path, version: str) -> None:
    git(work, "update-index", "--index-version", version)
    git(work, "update-index", "--skip-worktree", "notas.txt")
    (work / "notas.txt").write_text("solo aquí\n")
    publish(work, "dos\n")
    assert status(work) == []
    assert git(work, "ls-files", "-v", "notas.txt") == "S notas.txt"
    git(work, "fsck")


@pytest.mark.parametrize("setting", ["core.autocrlf", "eol"])
def test_line_ends_are_as_git_would_keep_them(work: Path, setting: str) -> None:
    if setting == "eol":
        (work / ".gitattributes").write_text("*.md text\n")
        git(work, "add", ".gitattributes")
        git(work, "commit", "-q", "-m", "Fines de línea")
    else:
        git(work, "config", setting, "true")
    (work / "data/faq" / FILE).write_bytes(b"dos\r\n")
    commit(work / "data/faq", change({FILE: b"dos\r\n"}))
    assert git(work, "show", f"HEAD:data/faq/{FILE}") == "dos"
    assert status(work) == []


def test_executable_file_stays_as_it_is_on_the_disk(work: Path) -> None:
    (work / "data/faq" / FILE).chmod(0o755)
    publish(work, "dos\n")
    assert git(work, "ls-tree", "HEAD", f"data/faq/{FILE}").startswith("100755")
    assert status(work) == []


def test_shared_repository_stays_writable_for_the_group(work: Path) -> None:
    git(work, "config", "core.sharedRepository", "group")
    publish(work, "dos\n")
    files = [work / ".git/index", work / ".git/refs/heads/principal"]
    assert [oct(file.stat().st_mode & 0o060) for file in files] == ["0o60", "0o60"]


def test_detached_head(work: Path) -> None:
    git(work, "switch", "-q", "--detach")
    assert refused(work) is Reason.DETACHED
    git(work, "switch", "-q", "principal")
    assert len(heads(work)) == 1


def test_merge_in_progress(work: Path) -> None:
    git(work, "switch", "-q", "-c", "otra")
    (work / "notas.txt").write_text("otras\n")
    git(work, "commit", "-q", "-a", "-m", "Otra")
    git(work, "switch", "-q", "principal")
    git(work, "merge", "-q", "--no-commit", "--no-ff", "otra", check=False)
    assert refused(work) is Reason.BUSY


def test_conflict_in_another_file_survives_and_one_in_ours_is_left_alone(work: Path) -> None:
    for name in ("notas.txt", f"data/faq/{FILE}"):
        (work / name).write_text("guardado\n")
        git(work, "stash", "-q")
        (work / name).write_text("otro\n")
        git(work, "commit", "-q", "-a", "-m", "Otro")
        git(work, "stash", "pop", "-q", check=False)
        if name == "notas.txt":
            publish(work, "dos\n")
            assert status(work) == ["UU notas.txt"]
            git(work, "checkout", "-q", "HEAD", "--", "notas.txt")
    assert refused(work) is Reason.BUSY


def test_index_that_git_locked(work: Path) -> None:
    (work / ".git/index.lock").touch()
    assert refused(work) is Reason.LOCKED
    (work / ".git/index.lock").unlink()
    assert publish(work, "tres\n")


def test_branch_that_git_locked(work: Path) -> None:
    (work / ".git/refs/heads/principal.lock").touch()
    assert refused(work) is Reason.LOCKED
    assert status(work) == [f" M data/faq/{FILE}"]


def test_git_cannot_write_while_we_do(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    put = index.WorkingTreeIndex.put

    def puts(self: index.WorkingTreeIndex, leaves: dict[bytes, index.Leaf | None]) -> None:
        said.append(git(work, "add", "notas.txt", check=False))
        put(self, leaves)

    monkeypatch.setattr(index.WorkingTreeIndex, "put", puts)
    (work / "notas.txt").write_text("cambiado\n")
    publish(work, "dos\n")
    assert "index.lock" in said[0]
    git(work, "add", "notas.txt")


def test_locks_of_a_killed_process_are_removed(work: Path) -> None:
    for lock in ("index.lock", "refs/heads/principal.lock"):
        (work / ".git" / lock).symlink_to("ventanilla")
    (work / "data/faq" / FILE).write_text("dos\n")
    blob = git(work, "hash-object", f"data/faq/{FILE}")
    for object_id in (blob, "0" * 40):  # the second is of a commit that is made anew with another time
        (work / ".git/objects" / object_id[:2]).mkdir(exist_ok=True)
        (work / ".git/objects" / object_id[:2] / f"{object_id[2:]}.lock").touch()
    assert publish(work, "dos\n")
    assert list((work / ".git/objects").rglob("*.lock")) == []
    assert (len(heads(work)), status(work)) == (2, [])


def test_branch_that_moves_meanwhile_is_tried_again(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swap, moves = committed._swap, []

    def late(*arguments: object) -> bool:
        if len(moves) < 2:
            moves.append(git(work, "commit-tree", "-p", "HEAD", "-m", "De otra persona", "HEAD^{tree}"))
            git(work, "update-ref", "HEAD", moves[-1])
        return swap(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(committed, "_swap", late)
    publish(work, "dos\n")
    assert [line.rpartition("|")[2] for line in heads(work)] == [
        "Publica: ¿Qué hago?",
        "De otra persona",
        "De otra persona",
        "Todo",
    ]
    assert status(work) == []


def test_missing_and_bare_repositories_are_refused_with_their_reason(work: Path, tmp_path: Path) -> None:
    (tmp_path / "suelta").mkdir()
    assert refused(tmp_path / "suelta") is Reason.MISSING
    git(work, "clone", "-q", "--bare", str(work), str(tmp_path / "desnudo.git"))
    assert refused(tmp_path / "desnudo.git") is Reason.BARE


@pytest.mark.parametrize("kind", ["sha256", "split", "sparse", "broken"])
def test_formats_that_we_do_not_write(work: Path, tmp_path: Path, kind: str) -> None:
    if kind == "sha256":
        work = tmp_path / "sha256"
        (work / "data/faq/calle").mkdir(parents=True)
        (work / "data/faq" / FILE).write_text("uno\n")
        git(work, "init", "-q", "--object-format=sha256", "-b", "principal")
    elif kind == "split":
        git(work, "update-index", "--split-index")
    elif kind == "sparse":
        git(work, "sparse-checkout", "set", "--cone", "--sparse-index", "data")
        (work / "aparte").mkdir()
        (work / "aparte/algo.txt").write_text("algo\n")
        git(work, "add", "--sparse", "aparte")
        git(work, "commit", "-q", "-m", "Aparte")
        git(work, "sparse-checkout", "reapply", "--sparse-index")
    else:
        with (work / ".git/index").open("r+b") as file:
            file.seek(40)
            file.write(b"\xff\xff")
    before = (work / ".git/index").read_bytes() if kind != "sha256" else b""
    assert refused(work) is Reason.FORMAT
    assert before == ((work / ".git/index").read_bytes() if kind != "sha256" else b"")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_repository_of_another_user(work: Path) -> None:
    os.chown(work / ".git", 1, 1)
    assert refused(work) is Reason.OWNER


def test_ignored_file_is_not_committed(work: Path) -> None:
    (work / ".git/info/exclude").write_text("vial/\n")
    with pytest.raises(CannotCommit) as error:
        publish(work, "otra\n", "vial/nueva.md")
    assert error.value.reason is Reason.IGNORED


def test_link_in_place_of_a_folder_is_never_replaced(work: Path) -> None:
    (work / "vial").mkdir()
    (work / "data/faq/vial").symlink_to("../../vial")
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "Enlace")
    with pytest.raises(CannotCommit):
        commit(work / "data/faq", change({"vial/nueva.md": b"otra\n"}))
    assert len(heads(work)) == 2


def test_full_disk(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", full)
    assert refused(work) is Reason.SPACE
    monkeypatch.undo()
    assert publish(work, "dos\n")
    assert status(work) == []


def test_two_processes_do_not_commit_at_once(work: Path) -> None:
    lock = work / ".git/ventanilla.lock"
    with subprocess.Popen(["flock", str(lock), "-c", "echo; cat"], stdin=-1, stdout=-1) as other:
        assert other.stdout and other.stdout.readline()
        assert refused(work) is Reason.LOCKED
        other.communicate()
    assert publish(work, "tres\n")


def test_only_our_own_lock_is_released(tmp_path: Path) -> None:
    file, lock = tmp_path / "index", tmp_path / "index.lock"
    with alone(tmp_path), held(file):
        release_left(tmp_path / "otro")
        with pytest.raises(CannotCommit), held(file):
            pass
    assert not lock.is_symlink()
    lock.symlink_to("de-otro")
    release_left(file)
    assert lock.is_symlink()
