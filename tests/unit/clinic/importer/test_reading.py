"""Who gives chart numbers, as each format writes it."""

from clinic.importer.reading import authorities, systems

OID = "1.2.392.100495.20.3.51"


def test_an_oid_is_a_uri_in_fhir_and_bare_in_hl7() -> None:
    assert systems([OID]) == {OID, f"urn:oid:{OID}"}
    assert authorities([OID]) == authorities([f"urn:oid:{OID}"]) == {OID}


def test_a_name_serves_as_it_is_and_a_web_address_is_no_authority() -> None:
    address = "https://clinic.example/ids"
    assert systems(["HOSP", address]) == {"HOSP", address}
    assert authorities(["HOSP", address]) == {"HOSP"}
    assert systems([]) == authorities([address]) == frozenset()
