"""Writes docs/datos-personales.md from bot/privacy/inventory.yml: ``python -m scripts.personal_data``.

Run it after changing the inventory or the processor (``encargado``) in a channel's texts.
"""

from __future__ import annotations

from pathlib import Path

from bot.privacy.inventory import Level, TableEntry, Writing, inventory, processors
from scripts.redis_tables import table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "datos-personales.md"
HEAD = """# Datos personales

Qué datos de personas guarda Ventanilla, dónde, para qué, hasta cuándo, y quién los ve. Sirve de base para el registro
de actividades de tratamiento ([plantilla](plantillas/registro-de-tratamiento.md)); también hay plantillas de la
[evaluación de impacto](plantillas/evaluacion-de-impacto.md) y de las
[cláusulas con encargados](plantillas/clausulas-de-encargado.md).

Esta página se hace de `bot/privacy/inventory.yml` con `python -m scripts.personal_data`. Una prueba falla cuando falta
en ella una columna, una clave de Valkey, un archivo o un encargado (`tests/unit/test_inventory.py`). La tabla del
aviso de privacidad sale del mismo archivo, que dice en qué fila está cada cosa. Los plazos con nombre de ajuste son de
`agency.yml` ([settings](settings.md)); cada hora se borra lo vencido, y el registro de acciones dice cuánto se borró,
por clase.

Los datos sensibles (salud, violencia, opiniones políticas) no se piden. Quien escribe puede contarlos igual; por eso
una atención la leen solo el equipo al que llegó, quien la atendió, y quienes supervisan o administran; lo que sale de
la conversación va [enmascarado](accuracy/masking.md). No se pregunta la edad.

Cuando una persona pide bloquear sus datos (`ventanilla data block`, `/desk/datos`), su conversación se guarda y no se
usa: no se busca, no se lee, no se aprende de ella, y su solicitud de llamada y sus reclamos no se muestran, ni se
llama, ni se envían a otro sistema. Si tiene una atención abierta, la lee solo el equipo que debe responderle. Nada de
ella vence: ni sus mensajes, archivos, cierres, contactos y reclamos, ni el diálogo de Rasa; solo se van las copias, las
de Valkey y las enmascaradas para quienes editan. En las cifras queda lo que ya se había contado, porque son números sin
palabras; lo que escriba después se cuenta al desbloquearla.

Con una retención legal (`ventanilla data hold`, `/desk/datos/retenciones`) tampoco vence nada, la conversación no se
puede borrar aunque la persona lo pida, y no se le elimina ningún mensaje; por lo demás se usa como cualquiera. Tiene
una razón y un día de revisión. Quien pide borrar una conversación retenida recibe un número de solicitud, y le
responde una persona.
"""
LEVELS = """Cada dato está en un nivel, que dice cómo se protege. Un nivel toma en cuenta la ley 21.719: lo que
puede ser dato sensible es `reservado`; lo que no dice de quién es, `seudonimo`. Codificar (Base64) no cuenta como
cifrar. Los registros técnicos los lee solo quien administra la máquina.
"""
WRITERS = """Quién puede cambiar cada columna, con qué permiso (los roles los dan, `bot/core/roles.yml`) y en qué
caso. Lo que no está aquí lo escribe solo el programa. Quien atiende cambia solo lo de las atenciones a su alcance: las
de sus equipos o las suyas, o todas con `all_tickets`. Los permisos `all_tickets`, `opinions`, `figures`, `register` y
`audit` solo dejan leer.
"""
DEMANDS = {
    "acceso": "Acceso",
    "cifrado": "Cifrado",
    "base": "En la base",
    "integridad": "Integridad",
    "conservacion": "Conservación",
    "registros": "En los registros técnicos",
    "privacidad": "Privacidad",
    "falta": "Aún no se cumple",
}
SECRET = "secreto"  # noqa: S105  (the level whose columns are not all personal data, so the tables do not name them)
TERMS = "para qué | hasta cuándo | quién los ve"
OF_RASA = " (de Rasa)"


def page() -> str:
    """Renders the whole page as Markdown."""
    of = inventory()
    tables = {**of.tablas, **{f"{name}{OF_RASA}": one for name, one in of.rasa.items()}}
    files = [(f"`{name}`", of.level_of(name), one.para, one.hasta, one.ven) for name, one in of.archivos.items()]
    keys = [(f"`{key}`", of.level_of(key), one.para, one.hasta) for key, one in of.claves.items()]
    receivers = [
        (one.quien, one.que, "sí" if one.fuera else "no", f"`{one.con}`" if one.con.isupper() else one.con)
        for one in processors().values()
    ]
    sections = (
        HEAD,
        "## Niveles de protección\n",
        LEVELS,
        *(_level(name, one) for name, one in of.niveles.items()),
        "## Base de datos\n",
        table(f"tabla | columnas con datos, por nivel | {TERMS}", map(_row, tables.items())),
        f"Sin datos de personas: {', '.join(f'`{name}`' for name in sorted(of.tablas_sin_datos))}.\n",
        "## Valkey\n",
        table("clave | nivel | para qué | hasta cuándo", keys),
        f"Sin datos de personas: {', '.join(f'`{key}`' for key in sorted(of.claves_sin_datos))}.\n",
        "## Archivos\n",
        table("archivo | nivel | qué | hasta cuándo | quién los ve", files),
        "## Quién cambia qué\n",
        WRITERS,
        table("quién | permiso | qué | cuándo", map(_writing, of.escriben)),
        "## Encargados y destinos\n",
        "Fuera de Chile hay transferencia internacional: requiere una base y cláusulas "
        "([plantilla](plantillas/clausulas-de-encargado.md)).\n",
        table("quién | qué recibe | fuera de Chile | se activa con", receivers),
    )
    return "\n".join(sections)


def _row(entry: tuple[str, TableEntry]) -> tuple[str, ...]:
    name, one = entry
    known = f"rasa.{name.removesuffix(OF_RASA)}" if name.endswith(OF_RASA) else name
    by_level: dict[str, list[str]] = {}
    for column in one.datos:
        by_level.setdefault(inventory().level_of(known, column), []).append(f"`{column}`")
    columns = "; ".join(f"{level}: {', '.join(names)}" for level, names in by_level.items())
    return f"`{name}`", columns, one.para, one.hasta, one.ven


def _level(name: str, one: Level) -> str:
    """Renders a protection level: its description, and its requirements as a table."""
    demands = [(label, getattr(one, field)) for field, label in DEMANDS.items() if getattr(one, field)]
    rows = table(f"{name} | exige", demands)
    more = [f"`{column}.{one_of}`" for column, names in one.columnas.items() for one_of in names if name == SECRET]
    files = [f"`{file}`" for file in one.archivos if name == SECRET]
    here = f" Aquí están {', '.join((*more, *files))}." if name == SECRET else ""
    return f"### {name}\n\n{one.que}.{here}\n\n{rows}"


def _writing(one: Writing) -> tuple[str, ...]:
    columns = ", ".join(f"`{table}.{column}`" for table, names in one.columnas.items() for column in names)
    return one.quien, f"`{one.permiso}`" if one.permiso else "—", columns, one.si


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
