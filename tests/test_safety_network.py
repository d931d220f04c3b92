"""Addresses that look like the intranet and are not; servers that send us elsewhere."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from assistant.endpoints.address import clean_url, is_intranet
from assistant.errors import SettingsError
from assistant.settings import load_settings, save_settings
from tests.fakes_model_server import ModelServer, Reply, says
from tests.world import open_reviewer
from vectorstore.errors import EmbeddingFailed
from vectorstore.openai_embeddings import EndpointConfig, EndpointReranker, OpenAIEmbeddings

OUTSIDE = [
    "http://169.254.169.254/latest/meta-data",
    "http://100.100.100.200/v1",
    "http://[fe80::1]/v1",
    "http://[fd00:ec2::254]/v1",
    "http://2852039166/v1",
    "http://0x7f000001/v1",
    "http://0177.0.0.1/v1",
    "http://127.1/v1",
    "http://0/v1",
    "http://[::]/v1",
    "http://[::ffff:169.254.169.254]/v1",
    "http://[::ffff:8.8.8.8]/v1",
    "http://[64:ff9b::808:808]/v1",
    "http://[64:ff9b:1::808:808]/v1",
    "http://[2002:808:808::1]/v1",
    "http://[2001:0:808:808::1]/v1",
    "http://192.0.0.8/v1",
    "http://198.18.0.1/v1",
    "http://240.0.0.1/v1",
    "http://255.255.255.255/v1",
    "http://127.0.0.1.example.com/v1",
    "http://10.0.0.1.nip.io/v1",
    "http://localhost.example.com/v1",
    "http://localtest.me/v1",
]
"""None of them may be called in 内网 mode; names are refused unseen, whatever they resolve to."""

ODD = [
    "http://127.0.0.1@example.com/v1",
    "http://127.0.0.1:80@example.com/v1",
    "http://example.com\\@127.0.0.1/v1",
    "http://127.0.0.1\\.example.com/v1",
    "http://example.com%2f@127.0.0.1/v1",
    "http://127.0.0.1%2eexample.com/v1",
    "http://127.0.0.1%00.example.com/v1",
    "http://127。0。0。1/v1",
    "http://①②⑦.0.0.1/v1",
    "file:///etc/passwd",
    "gopher://127.0.0.1/v1",
    "ftp://127.0.0.1/v1",
    "http:///v1",
    "//127.0.0.1/v1",
    "http://[::1/v1",
    "http://127.0.0.1:99999/v1",
]


@pytest.mark.parametrize("name", ["base_url", "embeddings_base_url", "rerank_base_url"])
@pytest.mark.parametrize("url", OUTSIDE)
def test_what_is_not_plainly_the_intranet_is_refused(tmp_path: Path, name: str, url: str) -> None:
    assert not is_intranet(url)
    before = load_settings(home=tmp_path)
    with pytest.raises(SettingsError):
        save_settings(before, {name: url, name.replace("base_url", "model"): "m"})
    assert not before.file.exists()


@pytest.mark.parametrize("url", ODD)
def test_an_address_that_two_parsers_may_read_differently_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        clean_url(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/v1", "http://[::1]:8000/v1", "http://LOCALHOST./v1"]
)
def test_the_client_calls_the_host_that_was_judged(url: str) -> None:
    judged = clean_url(url)
    assert is_intranet(judged)
    assert httpx2.URL(judged).host.strip("[].").lower() in ("127.0.0.1", "::1", "localhost")


def test_vectors_and_scores_do_not_follow_a_redirect(tmp_path: Path) -> None:
    with ModelServer() as here, ModelServer() as there:
        for status in (301, 302, 303, 307, 308):
            place = f"{there.url}/embeddings"
            here.script = [Reply(status=status, headers={"location": place})]
            config = EndpointConfig(here.url, "m", retries=0)
            with pytest.raises(EmbeddingFailed):
                OpenAIEmbeddings(config, cache=tmp_path / "c.sqlite").encode(["内部材料"])
            with pytest.raises(EmbeddingFailed):
                EndpointReranker(config).score("问", ["内部材料"])
        assert there.requests == []
        assert here.requests


@pytest.mark.parametrize("intranet_only", [True, False])
def test_a_redirected_answer_is_told_and_goes_nowhere(
    tmp_path: Path, *, intranet_only: bool
) -> None:
    reviewer = open_reviewer(tmp_path)
    with ModelServer() as here, ModelServer() as there:
        there.script = [says("不该问到这里")]
        place = f"{there.url}/chat/completions"
        here.script = [Reply(status=308, headers={"location": place})]
        reviewer.save_settings(
            {"base_url": here.url, "model": "m", "retries": 0, "intranet_only": intranet_only}
        )
        answer = reviewer.ask("党费收缴不及时怎么整改？")
        hosts = {sent.host for sent in reviewer.sent()}
        assert there.requests == []
        assert hosts == {f"127.0.0.1:{here.port}"}
        assert "没有照办" in answer.notice
    reviewer.library.close()


def test_a_chroma_server_outside_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="内网"):
        load_settings(home=tmp_path).require_allowed("http://169.254.169.254:8000")
