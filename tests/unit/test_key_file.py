"""The key file: what is wrong with it is told without its words."""

from pathlib import Path

import pytest

from clinic.config import Settings
from clinic.errors import KayoiError


@pytest.mark.parametrize("content", ["1:zzcanary", "canary:1", "canary", f"1:{'ab' * 31}canary"])
def test_a_broken_key_file_is_refused_without_showing_a_key(tmp_path: Path, content: str) -> None:
    (tmp_path / "master.key").write_text(content)
    with pytest.raises(KayoiError) as refused:
        Settings(data_dir=tmp_path).key_ring()
    assert "canary" not in str(refused.value)
