"""Of 设置, how files are read: scans by Tesseract, doubtful layouts with the model's help."""

from __future__ import annotations

import shutil

import streamlit as st

from assistant.settings import environment_fields
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import section, shown_errors

FIXED = "由环境变量设定，这里不能改"
OCR_PROGRAM = "tesseract"


def reading(desk: ReviewDesk) -> None:
    """Draw the switches; each takes effect with the next import."""
    section("读取文件", "对以后的导入生效")
    with st.container(border=True, key="reading-box"):
        installed = shutil.which(OCR_PROGRAM) is not None
        _switch(
            desk,
            "ocr",
            "识别扫描件（OCR）",
            ""
            if installed
            else "本机没有安装 Tesseract，扫描件仍会提示改用文字版；请管理员安装后再打开。",
        )
        with_model = desk.settings.chat_config() is not None
        _switch(
            desk,
            "model_reading",
            "版式存疑时请模型协助划分条目",
            "通报原文会发给上面所填的模型服务；划分结果逐条核对原文，对不上的不采用。"
            if with_model
            else "尚未配置模型服务，打开后也不起作用。",
        )


def _switch(desk: ReviewDesk, field: str, title: str, remark: str) -> None:
    held, fixed = bool(getattr(desk.settings, field)), field in environment_fields()
    wanted = st.toggle(
        title, value=held, key=f"switch-{field}", disabled=fixed, help=FIXED if fixed else None
    )
    if remark:
        st.caption(remark)
    if wanted != held and not fixed:
        with shown_errors():
            desk.save_settings({field: wanted})
            st.toast("已保存")
            st.rerun()
