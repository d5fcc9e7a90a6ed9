"""Writes docs/datos-personales.md from bot/privacy/inventory.yml: ``python -m scripts.personal_data``.

Run it after changing the inventory.
"""

from __future__ import annotations

from pathlib import Path

from bot.privacy.inventory import TableEntry, inventory, processors
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
la conversación va [enmascarado](accuracy.md#masking-personal-data). No se pregunta la edad.

Cuando una persona pide bloquear sus datos (`ventanilla data block`, `/desk/datos`), su conversación se guarda y no se
usa: no se busca, no se lee, no se aprende de ella, y su solicitud de llamada no se muestra. Nada de ella vence: ni sus
mensajes, archivos, cierres, contactos y reclamos, ni el diálogo de Rasa; solo se van las copias, las de Valkey y las
enmascaradas para quienes editan. En las cifras queda lo que ya se había contado, porque son números sin palabras; lo
que escriba después se cuenta al desbloquearla.

Con una retención legal (`ventanilla data hold`, `/desk/datos/retenciones`) tampoco vence nada, la conversación no se
puede borrar aunque la persona lo pida, y no se le elimina ningún mensaje; por lo demás se usa como cualquiera. Tiene
una razón y un día de revisión. Quien pide borrar una conversación retenida recibe un número de solicitud, y le
responde una persona.
"""


def page() -> str:
    """Renders the whole page as Markdown."""
    of = inventory()
    tables = {**of.tablas, **{f"{name} (de Rasa)": one for name, one in of.rasa.items()}}
    files = [(f"`{name}`", one.para, one.hasta, one.ven) for name, one in of.archivos.items()]
    receivers = [
        (one.quien, one.que, "sí" if one.fuera else "no", f"`{one.con}`" if one.con.isupper() else one.con)
        for one in processors().values()
    ]
    sections = (
        HEAD,
        "## Base de datos\n",
        table("tabla | columnas con datos | para qué | hasta cuándo | quién los ve", map(_row, tables.items())),
        f"Sin datos de personas: {', '.join(f'`{name}`' for name in sorted(of.tablas_sin_datos))}.\n",
        "## Valkey\n",
        table("clave | para qué | hasta cuándo", ((f"`{key}`", one.para, one.hasta) for key, one in of.claves.items())),
        f"Sin datos de personas: {', '.join(f'`{key}`' for key in sorted(of.claves_sin_datos))}.\n",
        "## Archivos\n",
        table("archivo | qué | hasta cuándo | quién los ve", files),
        "## Encargados y destinos\n",
        "Fuera de Chile hay transferencia internacional: requiere una base y cláusulas "
        "([plantilla](plantillas/clausulas-de-encargado.md)).\n",
        table("quién | qué recibe | fuera de Chile | se activa con", receivers),
    )
    return "\n".join(sections)


def _row(entry: tuple[str, TableEntry]) -> tuple[str, ...]:
    name, one = entry
    return f"`{name}`", ", ".join(f"`{column}`" for column in one.datos), one.para, one.hasta, one.ven


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
