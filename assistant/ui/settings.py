"""设置: the model endpoint, what leaves this machine, deadlines, the state of the library."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import streamlit as st

from assistant.access.policy import Act
from assistant.endpoints.providers import Preset, load_presets
from assistant.errors import AssistantError
from assistant.settings import Settings, environment_fields
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import head, note, section, shown_errors, years
from assistant.ui.profile import profile_dialog, profile_html
from assistant.ui.safe import label, plain
from assistant.ui.sending import sends
from assistant.ui.sent import sent
from assistant.ui.settings_reading import reading
from assistant.ui.settings_search import embeddings, figures, rerank, word_lists
from assistant.ui.state import overview, reviewer, session

NO_MODEL, OWN = "不用模型（离线摘编）", "自填地址"
PACKAGE = "zhenggai"
KEPT_KEY = "已保存，留空则不修改"
PATH_PARTS = 4
ENVIRONMENT = "由环境变量设定，这里不能改"


def page() -> None:
    """Draw the page."""
    desk = reviewer()
    head("设置", "模型与运行状态", "所有数据保存在本机；不配模型也能问答、起草、对标。")
    st.html(privacy_html(desk.settings))
    left, right = st.columns([0.56, 0.44], gap="large")
    with left:
        if desk.may(Act.SETTINGS):
            _model(desk)
            embeddings(desk)
            rerank(desk)
            _drafting(desk)
            reading(desk)
            sent(desk)
        section("本单位信息", "起草时自动带入")
        st.html(profile_html(desk.store.profile()))
        if st.button("填写或修改", icon=":material/badge:", key="settings-profile"):
            profile_dialog(desk)
    with right:
        _health(desk)
        word_lists()
        figures(desk)
        _about()


def privacy_html(settings: Settings) -> str:
    """Say in one line what can leave this machine."""
    if not sends(settings):
        return (
            '<p class="privacy ok" role="status"><b>外网：关闭</b>未配置模型服务，'
            "全部在本机完成，没有任何对外请求。</p>"
        )
    if settings.intranet_only:
        return (
            '<p class="privacy ok" role="status"><b>外网：关闭</b>内网模式，只会访问本机、'
            "内网地址和下面填写的模型服务。</p>"
        )
    return (
        '<p class="privacy bad" role="status"><b>外网：打开</b>提问和相关案例会发往所填的模型服务，'
        "请勿输入涉密和未公开的内容。</p>"
    )


# ---------------------------------------------------------------------- model


def _model(desk: ReviewDesk) -> None:
    section("模型服务", "任何兼容 OpenAI 接口的服务")
    settings, fixed = desk.settings, environment_fields()
    presets = load_presets()
    with st.container(border=True, key="model-box"):
        options = [NO_MODEL, OWN, *presets]
        held = settings.provider or (OWN if settings.base_url else NO_MODEL)
        chosen = st.selectbox(
            "服务",
            options,
            index=options.index(held) if held in options else 0,
            key="provider",
            format_func=lambda option: _preset_name(presets.get(option), option),
            disabled=bool({"provider", "base_url"} & fixed),
        )
        changes: dict[str, object] = {"provider": "", "base_url": "", "model": ""}
        if chosen != NO_MODEL:
            changes = _endpoint(settings, presets.get(chosen), fixed)
        changes["intranet_only"] = not st.toggle(
            "允许访问外网（关闭时只能用本机和内网的模型服务）",
            value=not settings.intranet_only,
            key="internet",
            disabled="intranet_only" in fixed,
        )
        with st.container(horizontal=True):
            if st.button("保存", type="primary", key="save-model"):
                _save(desk, {k: v for k, v in changes.items() if k not in fixed})
            if st.button(
                "测试连接",
                icon=":material/network_check:",
                key="test-model",
                disabled=held == NO_MODEL,
                help="用已保存的设置试一次",
            ):
                _test(desk)
        if message := session().notes.pop("settings", ""):
            note(message, "ok")


def _preset_name(preset: Preset | None, option: str) -> str:
    if preset is None:
        return option
    return f"{preset.name}{'（公网）' if preset.public else ''}"


def _endpoint(
    settings: Settings, preset: Preset | None, fixed: frozenset[str]
) -> dict[str, object]:
    same = settings.provider == (preset.id if preset else "")
    if preset and preset.note:
        st.caption(label(preset.note))
    url = st.text_input(
        "服务地址",
        value=(settings.base_url if same else "") or "",
        key=f"url-{preset.id if preset else 'own'}",
        placeholder=preset.base_url if preset else "例如 http://10.0.0.8:8000/v1",
        disabled="base_url" in fixed,
        help=ENVIRONMENT if "base_url" in fixed else None,
    )
    left, right = st.columns(2)
    model = left.text_input(
        "对话模型",
        value=(settings.model if same else "") or "",
        key=f"model-{preset.id if preset else 'own'}",
        placeholder=(preset.model if preset else "") or "服务方给出的模型名",
        disabled="model" in fixed,
    )
    stored = bool(settings.api_key.get_secret_value())
    key = right.text_input(
        "密钥",
        type="password",
        key="api-key",
        placeholder=KEPT_KEY
        if stored
        else ("必填" if preset and preset.needs_key else "没有则留空"),
        disabled="api_key" in fixed,
        autocomplete="off",
    )
    changes: dict[str, object] = {
        "provider": preset.id if preset else "",
        "base_url": url,
        "model": model,
    }
    if key:
        changes["api_key"] = key
    return changes


def _save(desk: ReviewDesk, changes: Mapping[str, object]) -> None:
    with shown_errors():
        desk.save_settings(changes)
        st.session_state.pop("api-key", None)
        session().notes["settings"] = "已保存，立即生效。"
        st.rerun()


def _test(desk: ReviewDesk) -> None:
    try:
        with st.spinner("正在连接…"):
            report = desk.check_endpoint()
    except AssistantError as error:
        note(str(error), "bad")
        return
    note(report.message, "ok" if report.ok else "bad")


def _drafting(desk: ReviewDesk) -> None:
    section("集中整改期", "各地规定不同，按本单位收到的要求填写")
    fixed = "rectification_months" in environment_fields()
    with st.container(border=True, key="months-box"):
        months = st.number_input(
            "自反馈之日起（个月），填 0 则草稿中的时限留空",
            min_value=0,
            max_value=24,
            value=desk.settings.rectification_months,
            key="months",
            disabled=fixed,
            help=ENVIRONMENT if fixed else None,
        )
        if int(months) != desk.settings.rectification_months and st.button(
            "保存集中整改期", key="save-months"
        ):
            _save(desk, {"rectification_months": int(months)})


# ---------------------------------------------------------------------- state


def _health(desk: ReviewDesk) -> None:
    section("案例库状态")
    counted = overview(desk)
    span = years(counted.first_year, counted.last_year) or "未写明"
    st.html(
        '<div class="tiles">'
        f"<div><b>{counted.notices}</b><span>通报</span></div>"
        f"<div><b>{counted.cases}</b><span>案例</span></div>"
        f"<div><b>{counted.units}</b><span>单位</span></div></div>"
    )
    settings = desk.settings
    model = settings.model or settings.provider or "未配置"
    rows = {
        "时间范围": plain(span),
        "对话模型": f'<span class="dot {"" if model != "未配置" else "off"}">{plain(model)}</span>',
        "检索": "本机词向量 + 全文"
        if not settings.embeddings_base_url
        else plain(settings.embeddings_model),
        "数据目录": f"<code>{plain(short_path(settings.home))}</code>",
        "库版本": f"第 {counted.revision} 次更新",
    }
    body = "".join(f"<span>{name}</span><b>{value}</b>" for name, value in rows.items())
    st.html(f'<div class="kv boxed">{body}</div>')
    if desk.may(Act.REINDEX) and st.button(
        "重建检索索引",
        icon=":material/refresh:",
        key="reindex",
        help="案例不变，只重做检索用的索引",
    ):
        with shown_errors(), st.spinner("正在重建索引，期间仍可检索…"):
            desk.reindex()
            note("索引已重建。", "ok")


def short_path(path: Path) -> str:
    """Write a folder as the person at the machine knows it: the end of it, the home as ~."""
    user = Path.home()
    shown = Path("~") / path.relative_to(user) if path.is_relative_to(user) else path
    return str(shown) if len(shown.parts) < PATH_PARTS else f"…/{'/'.join(shown.parts[-2:])}"


def _about() -> None:
    section("关于")
    st.html(
        f'<div class="kv boxed"><span>版本</span><b>整改参谋 {plain(version(PACKAGE))}</b>'
        "<span>外观</span><b>右上角菜单可切换浅色、深色</b>"
        "<span>草稿</span><b>AI 辅助草稿须经审核后使用</b>"
        "<span>密级</span><b>带密级标志的文件拒收，不留存</b></div>"
    )
