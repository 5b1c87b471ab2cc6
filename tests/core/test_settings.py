"""Settings: the right place wins, and whatever is wrong names itself in one line."""

from pathlib import Path

import pytest

from segue.core.layers import SettingsError, UnknownSetting, WrongValue
from segue.core.setting_types import default_data_dir
from segue.library.options import LibraryOptions
from segue.settings import leaves, load_settings

OF_A_LIBRARY = frozenset(LibraryOptions.model_fields)
"""Options that a library has for itself stand on the same page."""
DOCS = Path(__file__).parents[2] / "docs" / "operators" / "settings.md"


def settings_file(folder: Path, text: str) -> dict[str, str]:
    path = folder / "segue.yaml"
    path.write_text(text)
    return {"SEGUE_DATA_DIR": str(folder)}


def test_the_defaults_are_those_of_the_contract(tmp_path: Path) -> None:
    settings = load_settings(environ={"HOME": str(tmp_path)})
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 4747)
    assert settings.data_dir == tmp_path / ".local" / "share" / "segue"
    assert settings.database_target.sqlite_path == settings.data_dir / "segue.db"
    assert (settings.auth.access_minutes, settings.auth.refresh_days) == (15, 7)


def test_each_layer_wins_over_the_one_before_and_says_so(tmp_path: Path) -> None:
    environ = settings_file(tmp_path, "server:\n  port: 2\njobs: {workers: 2, keep_days: 2, lease_s: 2}\n")
    environ |= {"SEGUE_JOBS__KEEP_DAYS": "3", "SEGUE_JOBS__LEASE_S": "3", "LOG_LEVEL": "debug"}
    settings = load_settings({"jobs.lease_s": 4}, environ=environ)
    table = {"server.port": 1, "jobs.workers": 1, "jobs.keep_days": 1, "jobs.lease_s": 1, "scan.watch": False}
    settings = settings.with_table(table)
    assert (settings.server.port, settings.layer_of("server.port")) == (2, "file")
    assert (settings.jobs.workers, settings.layer_of("jobs.workers")) == (2, "file")
    assert (settings.jobs.keep_days, settings.layer_of("jobs.keep_days")) == (3, "environment")
    assert (settings.jobs.lease_s, settings.layer_of("jobs.lease_s")) == (4, "flag")
    assert (settings.scan.watch, settings.layer_of("scan.watch")) == (False, "settings table")
    assert (settings.log.level, settings.layer_of("log.level")) == ("debug", "fallback")
    assert (settings.auth.refresh_days, settings.layer_of("auth.refresh_days")) == (7, "default")
    assert settings.data_dir == tmp_path


def test_the_short_names_of_the_contract_work() -> None:
    settings = load_settings(environ={"SEGUE_HOST": "0.0.0.0", "SEGUE_PORT": "8080", "SEGUE_BASE_PATH": "music/"})
    assert (settings.server.host, settings.server.port, settings.server.base_path) == ("0.0.0.0", 8080, "/music")


def test_database_url_of_the_environment_is_a_fallback_only() -> None:
    fallback = {"DATABASE_URL": "postgres://segue@db/fallback", "REDIS_URL": "redis://cache:6379/0"}
    settings = load_settings(environ=fallback)
    assert settings.database_target.connect_args["database"] == "fallback"
    assert settings.redis.url == "redis://cache:6379/0"
    settings = load_settings(environ=fallback | {"SEGUE_DATABASE__URL": "postgres://segue@db/chosen"})
    assert settings.database_target.connect_args["database"] == "chosen"


def test_an_empty_variable_is_no_value_and_other_programs_variables_are_left_alone() -> None:
    settings = load_settings(environ={"SEGUE_ADMIN__PASSWORD": "", "SEGUE_TEST_REQUIRE": "all", "SEGUED": "x"})
    assert settings.admin.password is None


def test_lists_in_the_environment_are_words_with_commas_or_json() -> None:
    settings = load_settings(
        environ={
            "SEGUE_SERVER__TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "SEGUE_SERVER__CORS_ORIGINS": '["https://a.example"]',
        }
    )
    assert [str(network) for network in settings.server.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert settings.server.cors_origins == ("https://a.example",)


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("correct horse\n")
    settings = load_settings(environ={"SEGUE_ADMIN__PASSWORD_FILE": str(tmp_path / "password")})
    assert settings.admin.password is not None
    assert settings.admin.password.get_secret_value() == "correct horse"


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"SEGUE_PROT": "1"}, "There is no setting SEGUE_PROT. Did you mean SEGUE_PORT?"),
        ({"SEGUE_SERVER_PORT": "1"}, "There is no setting SEGUE_SERVER_PORT. Did you mean SEGUE_SERVER__PORT?"),
        ({"SEGUE_PORT": "abc"}, "SEGUE_PORT (server.port) cannot be 'abc': it must be a whole number."),
        (
            {"SEGUE_PORT": "70000"},
            "SEGUE_PORT (server.port) cannot be '70000': it must be less than or equal to 65535. Did you mean 65535?",
        ),
        (
            {"SEGUE_LOG__LEVEL": "debgu"},
            "SEGUE_LOG__LEVEL (log.level) cannot be 'debgu': it must be debug, info, warning or error. Did you mean debug?",
        ),
        (
            {"SEGUE_SCAN__WATCH": "tru"},
            "SEGUE_SCAN__WATCH (scan.watch) cannot be 'tru': it must be true or false. Did you mean true?",
        ),
        (
            {"SEGUE_TIME_ZONE": "Europe/Berln"},
            "SEGUE_TIME_ZONE (time_zone) cannot be 'Europe/Berln': there is no such time zone, did you mean Europe/Berlin?",
        ),
        (
            {"SEGUE_METRICS__ALLOWED": "10.0.0/8"},
            "SEGUE_METRICS__ALLOWED (metrics.allowed) cannot be '10.0.0/8': '10.0.0/8' is no address or network such as"
            " 10.0.0.0/8.",
        ),
        (
            {"SEGUE_REDIS__URL": "http://cache"},
            "SEGUE_REDIS__URL (redis.url) cannot be this value: it must begin with redis:// or rediss:// or unix:// or"
            " valkey:// or valkeys://.",
        ),
        (
            {"SEGUE_CONFIG": "nowhere.yaml"},
            "The settings file nowhere.yaml cannot be read: No such file or directory.",
        ),
    ],
)
def test_what_is_wrong_names_itself_and_the_nearest_right_one_in_one_line(environ: dict[str, str], line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ=environ)
    assert str(caught.value) == line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("server:\n  prot: 1\n", "There is no setting server.prot ({path}). Did you mean server.port?"),
        ("sever:\n  port: 1\n", "There is no setting sever ({path}). Did you mean server?"),
        ("server: 4747\n", "server ({path}) is a group of settings, not one value."),
        ("server: {port: many}\n", "{path} (server.port) cannot be 'many': it must be a whole number."),
        ("- 1\n", "The settings file {path} must hold keys with values, such as server: {{port: 4747}}."),
        ("a: [\n", "The settings file {path}, line 2: expected the node content, but found '<stream end>'."),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_place(tmp_path: Path, text: str, line: str) -> None:
    environ = settings_file(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(environ=environ)
    assert str(caught.value) == line.format(path=tmp_path / "segue.yaml")


def test_a_flag_is_named_as_it_was_written() -> None:
    with pytest.raises(WrongValue, match=r"^--port \(server.port\) cannot be 0: "):
        load_settings({"server.port": 0}, environ={}, flag_names={"server.port": "--port"})


def test_dotted_keys_work_in_the_file_as_well(tmp_path: Path) -> None:
    assert load_settings(environ=settings_file(tmp_path, "server.port: 5\n")).server.port == 5


def test_what_is_wrong_in_the_table_is_passed_over_and_told() -> None:
    settings = load_settings(environ={}).with_table({"gone.long.ago": 1, "images.workers": 1000, "scan.watch": False})
    assert settings.scan.watch is False
    assert settings.images.workers == 1
    assert [type(complaint) for complaint in settings.complaints] == [UnknownSetting, WrongValue]


def test_no_secret_is_shown() -> None:
    environ = {
        "SEGUE_ADMIN__PASSWORD": "hunter2",
        "SEGUE_METRICS__TOKEN": "hunter2",
        "SEGUE_STORAGE__SECRET_KEY": "hunter2",
        "SEGUE_DATABASE__URL": "postgresql://segue:hunter2@db/segue?password=hunter2",
        "SEGUE_REDIS__URL": "redis://:hunter2@cache",
    }
    settings = load_settings(environ=environ)
    shown = {description.key: description.value for description in settings.describe()}
    assert "hunter2" not in str(shown)
    assert "hunter2" not in repr(settings.database_target)
    assert shown["database.url"] == "postgresql://segue:***@db/segue?password=***"
    with pytest.raises(SettingsError) as caught:
        load_settings(environ={"SEGUE_REDIS__URL": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_the_data_folder_follows_the_platform() -> None:
    home = {"HOME": "/people/ana"}
    assert default_data_dir(home, "linux") == Path("/people/ana/.local/share/segue")
    assert default_data_dir(home | {"XDG_DATA_HOME": "/data"}, "linux") == Path("/data/segue")
    assert default_data_dir(home | {"XDG_DATA_HOME": "relative"}, "linux") == Path("/people/ana/.local/share/segue")
    assert default_data_dir(home, "darwin") == Path("/people/ana/Library/Application Support/Segue")


def test_asking_for_the_layer_of_what_is_no_setting_says_what_was_meant() -> None:
    with pytest.raises(UnknownSetting, match=r"Did you mean server\.port\?"):
        load_settings(environ={}).layer_of("server.prot")


def test_every_setting_is_in_the_documentation_with_its_default_and_its_meaning() -> None:
    lines = [line for line in DOCS.read_text().splitlines() if line.startswith("| `") and " | " in line]
    rows = [line.split(" | ") for line in lines if line.split("`")[1] not in OF_A_LIBRARY]
    documented = {row[0].removeprefix("| ").strip("`"): row for row in rows}
    assert list(documented) == list(leaves())
    for key, leaf in leaves().items():
        assert leaf.description in documented[key][-1], f"{key} is documented with other words than its own"
        if not callable(leaf.info.default_factory):
            assert documented[key][2] == shown_default(leaf.shown(leaf.default())), key


def shown_default(value: object) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    return f"`{', '.join(map(str, value))}`" if isinstance(value, list) else f"`{value}`"
