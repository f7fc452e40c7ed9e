"""The questionnaires of the demonstration clinic."""

from datetime import date

from clinic.booking import demo
from clinic.questionnaire import demo as questionnaires
from clinic.questionnaire import service
from tests.integration.admin.house import KEYS, SETTINGS, House


async def test_the_demo_clinic_has_a_rule_and_two_answers_of_one_patient(house: House) -> None:
    service._known.clear()  # versions are kept in memory by id
    async with house.database.transaction() as tx:
        assert await demo.seed(tx, KEYS, SETTINGS, date(2026, 11, 25))
        await questionnaires.seed(tx, KEYS, SETTINGS, date(2026, 11, 25))
        assert await service.install_shipped(tx) == 0  # they are there
    rows = await house.rows("select patient_id, scores from questionnaire_response order by id")
    assert len({row["patient_id"] for row in rows}) == 1
    assert [row["scores"]["total"] for row in rows] == ["11", "6"]
    assert await house.value("select count(*) from questionnaire_rule where active") == 1
