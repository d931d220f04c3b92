"""Settings: environment over the home's file over defaults, read once at the edge.

Every field is also the variable `ZHENGGAI_<FIELD>` and a key of `settings.toml` in the home.
Lower modules are handed values (`ModelConfig`, a path, a number), never this object.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from assistant.database_url import clean_database_url
from assistant.endpoints.address import (
    JsonMode,
    ModelConfig,
    clean_endpoint,
    clean_key,
    clean_url,
    require_intranet,
)
from assistant.endpoints.providers import load_presets
from assistant.errors import SettingsError
from assistant.operation.logs import LogFormat, LogLevel, LogPlan
from assistant.settings_access import AccessSettings, split_list
from assistant.settings_file import FILE_NAME, read_file, write_file

PREFIX = "ZHENGGAI_"
_PROMPT_CHARS = 2_500
"""Room for our own words and the question, beside evidence and answer."""
_LEAST_EVIDENCE_CHARS = 1_200


@dataclass(frozen=True, slots=True)
class EmbeddingConfig:
    """An embeddings or rerank endpoint, cleaned; the key never shows in `repr`."""

    base_url: str
    model: str
    api_key: str = field(default="none", repr=False)


class Settings(AccessSettings):
    """All that a user or an administrator may choose."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("zhenggai", appauthor=False))
    )
    """Folder of the Library, the index and the settings file."""

    provider: str = ""
    """Id of a preset in `providers.yaml`; what it says holds where the fields below are empty."""
    base_url: str = ""
    """Address of the chat endpoint; with no provider and no address no model is used."""
    api_key: SecretStr = SecretStr("")
    model: str = ""
    json_mode: JsonMode = "auto"
    extra_body: Annotated[dict[str, object], NoDecode] = Field(default_factory=dict)
    """JSON object sent along with every chat request."""
    temperature: float = Field(default=0.3, ge=0, le=2)
    max_tokens: int = Field(default=4096, ge=64, le=200_000)
    context_tokens: int = Field(default=16_000, ge=2_048, le=2_000_000)
    """What the model can read and write together; bounds the evidence it is shown."""
    connect_timeout: float = Field(default=5, gt=0, le=120)
    idle_timeout: float = Field(default=90, gt=0, le=3_600)
    total_timeout: float = Field(default=600, gt=0, le=7_200)
    retries: int = Field(default=2, ge=0, le=10)

    embeddings_base_url: str = ""
    """Address of an embeddings endpoint; empty means the encoder built into the product."""
    embeddings_api_key: SecretStr = SecretStr("")
    embeddings_model: str = ""
    rerank_base_url: str = ""
    """Address of a `/rerank` endpoint that orders the first cases anew; empty means none."""
    rerank_api_key: SecretStr = SecretStr("")
    rerank_model: str = ""

    intranet_only: bool = True
    """内网模式: only this machine, private addresses and `intranet_hosts` may be called."""
    intranet_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names inside the intranet, comma-separated."""
    chroma_url: str = ""
    """Address of a Chroma server; empty means a store inside the home."""
    database_url: SecretStr = SecretStr("")
    """Address of a PostgreSQL database for the Library; empty means a file inside the home."""

    rectification_months: int = Field(default=0, ge=0, le=24)
    """集中整改期 in months from the feedback; 0 leaves deadlines blank."""
    max_upload_mb: int = Field(default=50, ge=1, le=500)
    ocr: bool = False
    """Whether scanned PDF files are read by Tesseract, where it is installed."""
    model_reading: bool = False
    """Whether the model helps to find the items of notices whose layout the rules doubt."""
    mask_sent: bool = False
    """发送前遮蔽姓名与数字: endpoints are sent placeholders, put back in what returns."""
    log_sent: bool = False
    """Whether what is sent to endpoints is also written to `sent.jsonl` in the home."""
    heavy_at_once: int = Field(default=2, ge=1, le=64)
    """How many searches and drafts one process works on at a time; about one a core."""
    max_waiting: int = Field(default=64, ge=0, le=10_000)
    """How many more may wait their turn; whoever comes after them is told to come back."""
    max_wait_seconds: float = Field(default=120, gt=0, le=3_600)
    log_format: LogFormat = "text"
    """`json` for one object a line."""
    log_level: LogLevel = ""
    """Empty: INFO for servers, WARNING for single commands."""
    log_folder: str = ""
    """Folder of rotating log files beside stderr; empty means none."""
    metrics: bool = False
    """Whether `/metrics` answers, to this machine or to who bears the token."""

    api_token: SecretStr = SecretStr("")
    """Token of a caller of the HTTP API with all rights; serving beyond this machine needs one."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values as they are given: `load_settings` has merged the sources."""
        return (init_settings,)

    @field_validator("extra_body", mode="before")
    @classmethod
    def _parse_object(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value or "{}")
        except ValueError as error:
            raise ValueError('要写成 JSON 对象，例如 {"enable_thinking": false}') from error

    @field_validator("intranet_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        return split_list(value)

    @field_validator("provider")
    @classmethod
    def _known(cls, value: str) -> str:
        if value and value not in load_presets():
            raise ValueError(f"没有这个预设，可选：{'、'.join(load_presets())}")
        return value

    def chat_config(self) -> ModelConfig | None:
        """Return the chat endpoint ready for use, or nothing where none is set.

        Raises `SettingsError` for an address or key that cannot work, and for an address 内网
        mode forbids.
        """
        preset = load_presets().get(self.provider)
        base_url = self.base_url or (preset.base_url if preset else "")
        if not base_url:
            return None
        chosen = self.model_fields_set
        config = ModelConfig(
            base_url=base_url,
            model=self.model or (preset.model if preset else ""),
            api_key=self.api_key.get_secret_value(),
            extra_body=preset.extra_body
            if preset and "extra_body" not in chosen
            else self.extra_body,
            json_mode=preset.json_mode if preset and "json_mode" not in chosen else self.json_mode,
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            connect_s=self.connect_timeout,
            idle_s=self.idle_timeout,
            total_s=self.total_timeout,
            retries=self.retries,
            intranet_only=self.intranet_only,
            intranet_hosts=self.intranet_hosts,
        )
        return clean_endpoint(config)

    def embedding_config(self) -> EmbeddingConfig | None:
        """Return the embeddings endpoint ready for use, or nothing where none is set."""
        return self._service(
            self.embeddings_base_url, self.embeddings_model, self.embeddings_api_key, name="向量"
        )

    def rerank_config(self) -> EmbeddingConfig | None:
        """Return the rerank endpoint ready for use, or nothing where none is set."""
        return self._service(
            self.rerank_base_url, self.rerank_model, self.rerank_api_key, name="重排"
        )

    def _service(
        self, address: str, model: str, key: SecretStr, *, name: str
    ) -> EmbeddingConfig | None:
        if not address:
            return None
        if not model:
            raise SettingsError(
                f"没有填{name}模型的名称", where=f"{name}服务设置", todo="请填写服务方给出的模型名"
            )
        url = clean_url(address)
        self.require_allowed(url)
        return EmbeddingConfig(url, model, clean_key(key.get_secret_value()))

    def library_url(self) -> str:
        """Return the address of the Library's database ready for use; empty for the home's file.

        Raises `SettingsError` for an address that cannot work or that 内网 mode forbids.
        """
        text = self.database_url.get_secret_value()
        if not text:
            return ""
        address = clean_database_url(text)
        self.require_allowed(address.probe)
        return address.url

    def require_allowed(self, url: str) -> None:
        """Raise `SettingsError` when 内网 mode forbids an address."""
        if self.intranet_only:
            require_intranet(url, hosts=self.intranet_hosts)

    def log_plan(self, role: str = "command") -> LogPlan:
        """Say how a process of this role logs; what a single command does well is silent."""
        fields = (getattr(self, name) for name in type(self).model_fields)
        return LogPlan(
            form=self.log_format,
            level=self.log_level or ("WARNING" if role == "command" else "INFO"),
            folder=Path(self.log_folder).expanduser() if self.log_folder else None,
            role=role,
            secrets=tuple(
                found.get_secret_value()
                for value in fields
                for found in (value.values() if isinstance(value, dict) else (value,))
                if isinstance(found, SecretStr)
            ),
        )

    @property
    def evidence_chars(self) -> int:
        """How many characters of evidence fit beside the answer, a character counted as a token."""
        room = self.context_tokens - self.max_tokens - _PROMPT_CHARS
        return max(_LEAST_EVIDENCE_CHARS, room)

    @property
    def file(self) -> Path:
        """Where `save_settings` writes."""
        return self.home / FILE_NAME


def load_settings(home: Path | str | None = None) -> Settings:
    """Read all sources; an explicit home wins over `ZHENGGAI_HOME`."""
    environment = _environment()
    if home is not None:
        environment["home"] = Path(home)
    place = Path(str(environment.get("home") or Settings().home)).expanduser()
    stored = read_file(place / FILE_NAME)
    return _build(stored | environment | {"home": place}, where=str(place / FILE_NAME))


def save_settings(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """Store changes in the home's file, readable by its owner only; return what now holds.

    Nothing is written unless the whole can be used. An empty value takes a key out of the file.
    Values from the environment go on winning and are never written.
    """
    stored = read_file(settings.file) | {name: _plain(value) for name, value in changes.items()}
    stored = {name: value for name, value in stored.items() if value not in ("", None, {}, [])}
    candidate = _build({**stored, "home": settings.home}, where="设置")
    candidate.chat_config()
    candidate.embedding_config()
    candidate.rerank_config()
    candidate.library_url()
    write_file(settings.file, stored)
    return load_settings(settings.home)


def environment_fields() -> frozenset[str]:
    """Return the fields the environment decides, which the settings page shows as fixed."""
    ours = {name: value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
    return _fields_decided(tuple(sorted(ours.items())))


@lru_cache(maxsize=1)
def _fields_decided(_ours: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Reading the variables takes a millisecond, and a page asks for each of its boxes."""
    return frozenset(_environment())


def unknown_variables() -> tuple[str, ...]:
    """Return variables that look like ours but name no setting: most likely misspelt."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return tuple(
        sorted(
            name
            for name in os.environ
            if name.upper().startswith(PREFIX) and name.upper() not in known
        )
    )


def _environment() -> dict[str, object]:
    return dict(EnvSettingsSource(Settings)())


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value().strip()
    return list(value) if isinstance(value, tuple) else value


def _build(values: Mapping[str, object], *, where: str) -> Settings:
    try:
        return Settings(**dict(values))  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = [
            _complaint(str(found["loc"][0]), found["type"], found["msg"])
            for found in error.errors(include_input=False, include_url=False)
        ]
    # Raised outside the handler: the library's own text must not follow into a log.
    raise SettingsError(
        "；".join(wrong), where=where, todo="请改正设置文件或对应的 ZHENGGAI_ 环境变量"
    )


_COMPLAINTS = {
    "extra_forbidden": "没有名为 {name} 的设置",
    "bool_parsing": "{name} 只能是 true 或 false",
    "int_parsing": "{name} 要写成整数",
    "float_parsing": "{name} 要写成数字",
    "literal_error": "{name} 的取值不在可选范围",
}


def _complaint(name: str, kind: str, message: str) -> str:
    if kind == "value_error":
        return f"{name} {message.removeprefix('Value error, ')}"
    return _COMPLAINTS.get(kind, "{name} 的值不合适或超出范围").format(name=name)
