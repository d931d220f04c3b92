"""Settings: who wins, what is kept out of sight, what is refused."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.endpoints.address import clean_key, clean_url, is_intranet
from assistant.endpoints.providers import load_presets
from assistant.errors import SettingsError
from assistant.settings import (
    Settings,
    environment_fields,
    load_settings,
    save_settings,
    unknown_variables,
)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"ZHENGGAI_{field.upper()}", raising=False)


def write(home: Path, text: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "settings.toml").write_text(text, encoding="utf-8")


def test_without_any_setting_no_model_is_used_and_nothing_is_written(home: Path) -> None:
    settings = load_settings(home)
    assert settings.chat_config() is None
    assert settings.embedding_config() is None
    assert settings.intranet_only
    assert not home.exists()


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, 'model = "from-file"\nmax_upload_mb = 20\n')
    monkeypatch.setenv("ZHENGGAI_MODEL", "from-environment")
    settings = load_settings(home)
    assert (settings.model, settings.max_upload_mb, settings.retries) == (
        "from-environment", 20, 2,
    )  # fmt: skip
    assert environment_fields() == {"model"}


def test_an_explicit_home_wins_over_the_variable(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_HOME", str(tmp_path / "other"))
    assert load_settings().home == tmp_path / "other"
    assert load_settings(home).home == home


def test_lists_and_objects_are_written_plainly_in_the_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_INTRANET_HOSTS", "llm.example.cn, gpu01，")
    monkeypatch.setenv("ZHENGGAI_EXTRA_BODY", '{"enable_thinking": false}')
    settings = load_settings(home)
    assert settings.intranet_hosts == ("llm.example.cn", "gpu01")
    assert settings.extra_body == {"enable_thinking": False}


def test_what_is_saved_is_read_again(home: Path) -> None:
    changes = {
        "base_url": " http://10.1.2.3:8000/v1/chat/completions ",
        "api_key": SecretStr('sk-"引号\\'.replace("引号", "x")),
        "model": "内部模型",
        "extra_body": {"thinking": {"type": "disabled"}, "list": [1, None]},
        "intranet_hosts": ("a.example.cn", "b"),
        "intranet_only": True,
        "temperature": 0.5,
    }
    saved = save_settings(load_settings(home), changes)
    again = load_settings(home)
    assert again == saved
    assert again.api_key.get_secret_value() == 'sk-"x\\'
    assert again.extra_body == changes["extra_body"]
    config = again.chat_config()
    assert config is not None
    assert config.base_url == "http://10.1.2.3:8000/v1"


def test_the_file_can_be_read_by_its_owner_only_even_if_it_was_open_before(home: Path) -> None:
    write(home, 'model = "m"\n')
    (home / "settings.toml").chmod(0o644)
    save_settings(load_settings(home), {"api_key": "sk-1"})
    assert stat.S_IMODE((home / "settings.toml").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["settings.toml"]


def test_an_empty_value_takes_a_setting_out_and_others_stay(home: Path) -> None:
    save_settings(load_settings(home), {"api_key": "sk-1", "max_upload_mb": 9})
    settings = save_settings(load_settings(home), {"api_key": ""})
    assert settings.api_key.get_secret_value() == ""
    assert settings.max_upload_mb == 9
    assert "api_key" not in (home / "settings.toml").read_text(encoding="utf-8")


def test_values_of_the_environment_are_never_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_API_KEY", "sk-environment")
    settings = save_settings(load_settings(home), {"max_upload_mb": 9})
    assert settings.api_key.get_secret_value() == "sk-environment"
    assert "sk-" not in (home / "settings.toml").read_text(encoding="utf-8")


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "unknown": ({"basurl": "x"}, "没有名为 basurl 的设置"),
    "not a number": ({"max_tokens": "many"}, "max_tokens 要写成整数"),
    "too large": ({"max_upload_mb": 9_999}, "max_upload_mb 的值不合适或超出范围"),
    "not yes or no": ({"intranet_only": "maybe"}, "intranet_only 只能是 true 或 false"),
    "not an object": ({"extra_body": "{"}, "extra_body 要写成 JSON 对象"),
    "a list for an object": ({"extra_body": "[1]"}, "extra_body 的值不合适"),
    "unknown provider": ({"provider": "acme"}, "provider 没有这个预设"),
    "unknown mode": ({"json_mode": "xml"}, "json_mode 的取值不在可选范围"),
    "no scheme": ({"base_url": "127.0.0.1:8000", "model": "m"}, "接口地址写法不对"),
    "no model": ({"base_url": "http://127.0.0.1:8000/v1"}, "没有填模型名称"),
    "public": ({"provider": "openai", "api_key": "sk-1"}, "内网模式已开启"),
    "public embeddings": (
        {"embeddings_base_url": "https://api.example.com/v1", "embeddings_model": "m"},
        "内网模式已开启",
    ),
    "key with a blank": (
        {"base_url": "http://127.0.0.1/v1", "model": "m", "api_key": "sk 1"},
        "密钥里有空格",
    ),
    "full-width key": (
        {"base_url": "http://127.0.0.1/v1", "model": "m", "api_key": "ｓｋ"},
        "密钥里有空格、换行或全角字符",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named_and_nothing_is_written(home: Path, name: str) -> None:
    changes, message = WRONG[name]
    with pytest.raises(SettingsError, match=message) as caught:
        save_settings(load_settings(home), changes)
    assert caught.value.todo
    assert not home.exists()


def test_no_secret_in_a_repr_or_an_error(home: Path) -> None:
    write(
        home,
        'api_key = "sk-secret-1"\nembeddings_api_key = "sk-secret-2"\nbase_url="http://[::1]/v1"\nmodel="m"\n',
    )
    settings = load_settings(home)
    shown = repr(settings) + str(settings) + repr(settings.chat_config())
    write(home, 'api_key = ["sk-secret-3"]\n')
    with pytest.raises(SettingsError) as caught:
        load_settings(home)
    shown += str(caught.value) + repr(caught.value.__context__) + repr(caught.value.__cause__)
    assert "sk-secret" not in shown


BROKEN = {
    "not TOML": (b"model = m\n", "设置文件写法不对"),
    "not UTF-8": ("model = '整改'".encode("gb18030"), "不是 UTF-8"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named(home: Path, name: str) -> None:
    content, message = BROKEN[name]
    home.mkdir()
    (home / "settings.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings(home)
    assert str(home / "settings.toml") in str(caught.value)


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    settings = Settings(home=tmp_path / "file" / "home")
    with pytest.raises(SettingsError, match="设置"):
        save_settings(settings, {"retries": 1})


def test_a_misspelt_variable_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGGAI_BASEURL", "x")
    monkeypatch.setenv("ZHENGGAI_MODEL", "m")
    assert unknown_variables() == ("ZHENGGAI_BASEURL",)


# --------------------------------------------------------------------------------- presets


@pytest.mark.parametrize("name", load_presets())
def test_a_preset_and_a_model_are_enough(home: Path, name: str) -> None:
    preset = load_presets()[name]
    settings = Settings(home=home, provider=name, model="m", intranet_only=not preset.public)
    config = settings.chat_config()
    assert config is not None
    assert (config.base_url, config.json_mode) == (preset.base_url, preset.json_mode)
    assert config.extra_body == preset.extra_body
    assert preset.public is not is_intranet(preset.base_url)


def test_what_the_user_says_wins_over_a_preset(home: Path) -> None:
    settings = Settings(
        home=home, provider="ollama", base_url="http://10.0.0.2:11434/v1", extra_body={}
    )
    config = settings.chat_config()
    assert config is not None
    assert (config.base_url, config.extra_body) == ("http://10.0.0.2:11434/v1", {})
    assert config.model == load_presets()["ollama"].model


def test_evidence_gets_what_the_answer_leaves(home: Path) -> None:
    assert Settings(home=home, context_tokens=32_000, max_tokens=4_000).evidence_chars == 25_500
    assert Settings(home=home, context_tokens=4_096, max_tokens=4_096).evidence_chars == 1_200


# ------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        (" http://127.0.0.1:8000/v1/ ", "http://127.0.0.1:8000/v1"),
        ("http://h/v1/chat/completions", "http://h/v1"),
        ("http://h/v1/models/", "http://h/v1"),
        ("https://h/api/paas/v4\n/embeddings", "https://h/api/paas/v4"),
    ],
)
def test_an_address_is_cleaned(typed: str, cleaned: str) -> None:
    assert clean_url(typed) == cleaned


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "h/v1",
        "ftp://h",
        "http://",
        "http://：8000",
        "http://h:99999/v1",
        "http://[::1/v1",
    ],
)
def test_an_address_that_cannot_work_is_refused(typed: str) -> None:
    with pytest.raises(SettingsError):
        clean_url(typed)


def test_a_key_in_the_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="用户名或密码"):
        clean_url("http://user:secret@127.0.0.1/v1")
    assert clean_key(" \n") == "none"


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://localhost/v1", True),
        ("http://LOCALHOST./v1", True),
        ("http://10.1.2.3/v1", True),
        ("http://172.16.0.9/v1", True),
        ("http://192.168.1.1/v1", True),
        ("http://[::1]/v1", True),
        ("http://[fd00::1]/v1", True),
        ("http://[::ffff:10.0.0.1]/v1", True),
        ("http://llm.example.cn/v1", True),
        ("http://8.8.8.8/v1", False),
        ("http://[::ffff:8.8.8.8]/v1", False),
        ("http://0.0.0.0/v1", False),
        ("http://172.32.0.1/v1", False),
        ("http://gpu01/v1", False),
        ("http://localhost.example.com/v1", False),
        ("http://10.0.0.1.example.com/v1", False),
        ("http://sub.llm.example.cn/v1", False),
    ],
)
def test_only_this_machine_private_addresses_and_named_hosts_are_the_intranet(
    url: str, inside: bool
) -> None:
    assert is_intranet(url, hosts=("llm.example.cn",)) is inside
