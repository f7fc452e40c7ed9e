"""Configuration: `config.yml` under environment variables (`KAYOI_`, `__` between levels)."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from clinic import key_file
from clinic.consent import rules as consent
from clinic.crypto import KeyRing
from clinic.errors import KayoiError
from clinic.observation.house import House, house, tidied, wrong

Language = Literal["ja", "en", "zh-Hant", "zh-Hans", "ru"]
Port = Annotated[int, Field(ge=0, le=65535)]
Limit = Annotated[int, Field(ge=1)]
ADDRESS = r"^[^@\s<>]+@[^@\s<>]+$"
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Clinic(_Part):
    name: str = "Kayoi Clinic"
    country: str = Field(default="JP", pattern=r"^[A-Z]{2}$")
    time_zone: str = "Asia/Tokyo"
    languages: tuple[Language, ...] = ("ja", "en", "zh-Hant", "zh-Hans", "ru")
    phone: str = Field(default="", pattern=r"^(\+?\d[\d ()-]{1,24})?$")
    emergency_number: str = Field(default="119", pattern=r"^\d{2,6}$")
    crisis_lines: tuple[str, ...] = ()  # name and number, for thoughts of suicide
    chart_systems: tuple[str, ...] = ()  # who gives chart numbers: FHIR systems, HL7 authorities
    desk_hours: tuple[TimeOfDay, TimeOfDay] | None = None  # when staff answer; None: not told
    desk_weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = (0, 1, 2, 3, 4)  # 0 is Monday
    own_greeting: dict[Language, str] = {}  # in the place of Kayoi's, where there is one
    own_notice: dict[Language, str] = {}  # what the clinic adds to the privacy notice
    notice_version: str = Field(default="1", max_length=16)  # the clinic's: another asks again

    @property
    def notice_in_force(self) -> str:
        """The version of the whole privacy notice, with which consents are kept."""
        return consent.notice_version(self.notice_version, self.own_notice)

    @field_validator("own_greeting", "own_notice")
    @classmethod
    def _plain(cls, value: dict[Language, str], info: ValidationInfo) -> dict[Language, str]:
        most = consent.GREETING if info.field_name == "own_greeting" else consent.ADDITION
        words = {tag: consent.tidy(one) for tag, one in value.items()}
        for one in words.values():
            if wrong := consent.fault(one, most):
                raise ValueError(f"cannot be said to patients: {wrong}")
        return {tag: one for tag, one in words.items() if one}

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is no IANA time zone")
        return value


class Server(_Part):
    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/]+(/.*)?$")
    trusted_proxies: tuple[str, ...] = ()


class Admin(_Part):
    host: str = "127.0.0.1"
    port: Port = 8081
    # Who has no second step must set one up before anything else: always, or unless the browser
    # runs on the panel's own machine. Who has one is asked for it everywhere.
    second_step: Literal["always", "remote"] = "remote"


class Secrets(_Part):
    master_key_file: Path | None = None  # None: master.key in data_dir, made on the first run


class Line(_Part):
    enabled: bool = True
    channel_secret: SecretStr | None = None
    channel_access_token: SecretStr | None = None
    api_base: str | None = None

    @property
    def ready(self) -> bool:
        """Whether the channel can be used."""
        return bool(self.enabled and self.channel_secret and self.channel_access_token)


class Telegram(_Part):
    enabled: bool = True
    token: SecretStr | None = None
    webhook_secret: SecretStr | None = None
    api_base: str | None = None

    @property
    def ready(self) -> bool:
        """Whether the channel can be used."""
        return bool(self.enabled and self.token and self.webhook_secret)


class WebChat(_Part):
    enabled: bool = True
    allowed_origins: tuple[str, ...] = ()  # sites that may embed the chat; () means any of them


class Email(_Part):
    enabled: bool = True
    smtp_url: SecretStr | None = None  # smtps://user:password@host:465, or smtp:// for STARTTLS
    sender: str | None = Field(default=None, pattern=ADDRESS)

    @property
    def ready(self) -> bool:
        """Whether the channel can be used."""
        return bool(self.enabled and self.smtp_url and self.sender)


class Sms(_Part):
    enabled: bool = True
    provider: Literal["twilio"] = "twilio"  # or any gateway that speaks as Twilio does
    account: str | None = None
    token: SecretStr | None = None
    sender: str | None = None  # +81..., a name, or a messaging service (MG...)
    api_base: str | None = None
    rate: float = Field(default=1.0, gt=0, le=1000)  # SMS a second

    @property
    def ready(self) -> bool:
        """Whether the channel can be used."""
        return bool(self.enabled and self.account and self.token and self.sender)


class Channels(_Part):
    line: Line = Line()
    telegram: Telegram = Telegram()
    webchat: WebChat = WebChat()
    email: Email = Email()
    sms: Sms = Sms()


class Nlu(_Part):
    backend: Literal["embedded", "rasa"] = "embedded"
    rasa_url: str = Field(default="http://127.0.0.1:5005", pattern=r"^https?://[^/?#@]+$")
    rasa_token: SecretStr | None = None
    timeout: float = Field(default=1.5, gt=0, le=10)  # seconds that Rasa has


class PerWeek(_Part):
    """At most so many messages of a purpose to a patient in 7 days; of reminders any number."""

    care: Limit = 5
    education: Limit = 2
    marketing: Limit = 2
    research: Limit = 2


class Policy(_Part):
    quiet_hours: tuple[TimeOfDay, TimeOfDay] = ("21:00", "08:00")
    per_week: PerWeek = PerWeek()
    per_day: Limit = 2  # messages nobody asked for, to a patient on one local day
    quota_reserve: int = Field(default=10, ge=0, le=90)  # % of a month's quota, for what must go
    elderly_age: int = Field(default=75, ge=0)  # who has no chat is written to by SMS before email
    approval_above: int = Field(default=200, ge=0)  # recipients: a second person approves
    confirm_above: int = Field(default=50, ge=0)  # people: who starts it types how many they are
    undo_seconds: int = Field(default=30, ge=0, le=600)  # between a start and the first message
    message_cost: dict[str, Annotated[float, Field(ge=0)]] = {}  # by channel; not named: free
    currency: str = Field(default="JPY", pattern=r"^[A-Z]{3}$")  # of message_cost
    open_bookings: int = Field(default=5, ge=1)  # at most, per patient
    hold_minutes: int = Field(default=5, ge=1, le=60)
    staff_lease_minutes: int = Field(default=30, ge=1)


class Lapse(_Part):
    # What counts as the present when somebody is missed: clinic.lapse.types.HorizonMode.
    horizon: Literal["auto", "import", "today"] = "auto"


class Waitlist(_Part):
    """How times that become free are offered to who would like them."""

    enabled: bool = True
    wave_size: int = Field(default=3, ge=1, le=50)  # people who are asked at a time
    wave_minutes: int = Field(default=10, ge=1, le=240)  # that they have for an answer
    hurried_minutes: int = Field(default=5, ge=1, le=240)  # the same for a time that is near
    hurried_within_hours: int = Field(default=6, ge=0)  # which times are near
    least_hours_ahead: int = Field(default=2, ge=0)  # nearer times are not offered
    waves: int = Field(default=6, ge=1, le=50)  # at most, for one time
    chain: int = Field(default=2, ge=0, le=10)  # times freed by moving into a freed time, in a row
    free_unconfirmed: bool = True  # staff may free a visit that nobody confirmed by one click


class Readings(_Part):
    """From where on readings that patients take at home are looked at: docs/readings.md."""

    limits: dict[str, str] = {}  # by clinic.observation.house.name_of; not named: as shipped

    @property
    def house(self) -> House:
        """The limits in force for every patient without own ones."""
        return house(self.limits)

    @field_validator("limits", mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        """Numbers, as a file has them, are read as their digits."""
        return {name: str(at) for name, at in value.items()} if isinstance(value, dict) else value

    @field_validator("limits")
    @classmethod
    def _safe(cls, value: dict[str, str]) -> dict[str, str]:
        if faults := wrong(value):
            raise ValueError(f"cannot be limits: {faults}")
        return tidied(value)


class DaySheet(_Part):
    """The sheet of tomorrow's visits, made every evening: docs/operations.md."""

    enabled: bool = True
    at: TimeOfDay = "18:00"  # in the clinic's zone
    mail: bool = False  # to mail_to, if e-mail is set up; the sheet holds patients' names
    mail_to: tuple[Annotated[str, Field(pattern=ADDRESS)], ...] = ()


class Webhooks(_Part):
    """Where other systems are told what happened: endpoints are set in the panel."""

    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = (443, 8443)  # of https
    allow_loopback: bool = False  # this machine too, by http: for development only


class Retention(_Part):
    """Days that something is kept; null: for ever. The audit trail always is."""

    payloads: Limit | None = 400  # what a platform sent, word for word; pictures are found by it
    transcripts: Limit | None = None  # what patients wrote and what they were answered
    access: Limit | None = 90  # links, sessions and tries to sign in, after their end
    deliveries: Limit = 60  # what other systems were told
    pictures: Limit | None = 90  # of campaigns, brought long ago, that none has any more
    day_sheets: Limit = 7  # on paper, after their day


class Settings(BaseSettings):
    """Everything an installation sets. `Settings.read` is the way to get one."""

    model_config = SettingsConfigDict(
        env_prefix="KAYOI_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    clinic: Clinic = Clinic()
    server: Server = Server()
    admin: Admin = Admin()
    database_url: SecretStr | None = None  # None: embedded
    redis_url: SecretStr | None = None  # None: embedded
    postgres_bin_dir: Path | None = None  # None: the embedded server's own
    data_dir: Path = Path(".kayoi")
    secrets: Secrets = Secrets()
    channels: Channels = Channels()
    nlu: Nlu = Nlu()
    policy: Policy = Policy()
    lapse: Lapse = Lapse()
    waitlist: Waitlist = Waitlist()
    day_sheet: DaySheet = DaySheet()
    readings: Readings = Readings()
    webhooks: Webhooks = Webhooks()
    retention: Retention = Retention()

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, value: SecretStr | None) -> SecretStr | None:
        return _with_scheme(value, "postgres", "postgresql")

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: SecretStr | None) -> SecretStr | None:
        return _with_scheme(value, "redis", "rediss", "unix")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the base class names them
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file; nothing else."""
        file = YamlConfigSettingsSource(settings_cls, yaml_file=_file)
        return (init_settings, env_settings, file)

    @classmethod
    def read(cls, file: Path | None = None, **over: Any) -> "Settings":
        """Read the file (default `config.yml`, if there is one) and the environment.

        `over` are values from the command line. Raises KayoiError with every fault in one line.
        """
        global _file
        if file is not None and not file.is_file():
            raise KayoiError(f"no configuration file {file}")
        _file = file or (Path("config.yml") if Path("config.yml").is_file() else None)
        known = set(cls.model_fields)
        strange = sorted(
            name
            for name in os.environ
            if name.startswith("KAYOI_")
            and name.removeprefix("KAYOI_").split("__")[0].lower() not in known
            and name not in OUTSIDE
        )
        if strange:
            raise KayoiError(f"unknown setting in the environment: {', '.join(strange)}")
        try:
            return cls(**over)
        except ValidationError as error:
            faults = (
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
            )
            raise KayoiError("configuration: " + "; ".join(faults)) from None
        except Exception as error:  # a YAML file that is none
            raise KayoiError(f"configuration: {str(error).splitlines()[0]}") from None

    def become(self, other: "Settings") -> None:
        """Take another's parts, for everybody who holds these settings (decision 0016)."""
        self.__dict__.update(other.__dict__)

    @property
    def key_file(self) -> Path:
        """Where the master keys are."""
        return self.secrets.master_key_file or self.data_dir / "master.key"

    def key_ring(self) -> KeyRing:
        """The keys of this installation, made with mode 0600 on the first run.

        Raises KayoiError if the file is none of keys.
        """
        path = self.key_file
        if not path.exists() and self.secrets.master_key_file is None:
            key_file.make(path)
        return key_file.ring(path)


def set_by_environment() -> frozenset[str]:
    """The places in Settings that environment variables set, such as `policy.quiet_hours`."""
    found: set[str] = set()

    def walk(given: dict[str, Any], above: str) -> None:
        for name, value in given.items():
            if isinstance(value, dict):
                walk(value, f"{above}{name}.")
            else:
                found.add(f"{above}{name}")

    walk(EnvSettingsSource(Settings)(), "")
    return frozenset(found)


def _with_scheme(url: SecretStr | None, *schemes: str) -> SecretStr | None:
    if url is not None and url.get_secret_value().partition("://")[0] not in schemes:
        raise ValueError(f"begins with {schemes[0]}://")
    return url


# Read before the settings are, or by tests.
OUTSIDE = {"KAYOI_CRASH_AT", "KAYOI_LOG"}
_file: Path | None = None
