"""Documents of patients, to try the panel on."""

from clinic.document import service
from clinic.document.drawing import draw
from clinic.document.types import Block, Content
from clinic.staff.types import Role, Staff
from tests.integration.admin.house import KEYS, SETTINGS, House


async def templates(house: House, staff: Staff | None = None) -> dict[str, int]:
    """The templates that come with Kayoi, checked and in use: ids by code."""
    staff = staff or await house.staff("Template keeper", Role.ADMIN)
    async with house.database.transaction() as tx:
        await service.install_shipped(tx, SETTINGS.clinic.languages)
        found = {one.code: one.id for one in await service.templates(tx)}
        for id in found.values():
            await service.activate(tx, staff.id, id)
    return found


async def paper(house: House, patient: int, said: str, code: str = "consent") -> dict[str, int]:
    """A document that says something, agreed to: ids of template, document and reply."""
    staff = await house.staff(f"Issuer of {patient}", Role.ADMIN)
    template = (await templates(house, staff))[code]
    content = Content("ja", "書類", (Block("text", said),))
    async with house.database.transaction() as tx:
        reserved = await service.reserve(tx, 2026)
        pdf = draw(content, reserved[1], SETTINGS.clinic.name)
        await service.issue(tx, KEYS, staff.id, reserved, patient, template, content, pdf)
        key = await tx.fetchval("select key from document where id = $1", reserved[0])
        account = await tx.fetchval(
            "select account_id from link where patient_id = $1 limit 1", patient
        )
        reply = await tx.fetchval(
            """insert into document_answer
                 (key, document_id, account_id, relation, answer, version, sha256, pdf)
               values ($1, $2, $3, 'self', 'agreed', 1, '', $4) returning id""",
            key,
            reserved[0],
            account,
            KEYS.seal(pdf, "document_answer.pdf", key),
        )
    return {"template": template, "document": reserved[0], "reply": reply}
