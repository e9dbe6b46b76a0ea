"""`tlkit serve` and `tlkit dockerfile`: processes, sockets, signals."""

import http.client
import json
import shutil
import signal

import pytest
from command_line import refused, tlkit
from served_process import required, served
from small_bundle import write_shades
from test_service import picture

from tlkit.engines.predictor import load_run


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_shades(tmp_path_factory.mktemp("bundles") / "shades")


def test_a_stopped_service_finishes_what_is_under_way(bundle):
    with served(bundle) as service:
        assert service.before == ["model     shades, onnx/float32, 0.0 MB"]
        assert service.prediction(picture(204))["class"] == "light"
        asking = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        body = picture(51)
        asking.putrequest("POST", "/predict")
        asking.putheader("Content-Type", "image/png")
        asking.putheader("Content-Length", str(len(body)))
        asking.endheaders(body[:10])
        while b"under_way 2" not in service.ask("/metrics")[1]:  # that question is one, too
            pass
        service.process.send_signal(signal.SIGTERM)
        asking.send(body[10:])
        answer = asking.getresponse()
        assert (answer.status, json.load(answer)["predictions"][0]["class"]) == (200, "dark")
        asking.close()
        assert service.process.wait(60) == 0
        assert service.lines.get(timeout=60) == "Stopped.\n"


def test_several_workers_answer_and_count_together(bundle):
    with served(bundle, "--workers", "2") as service:
        for _ in range(12):
            service.prediction(picture(204))
        assert b'tlkit_answers_total{class="light"} 12\n' in service.ask("/metrics")[1]


def test_who_listens_to_others_makes_a_token(bundle):
    with served(bundle, "--host", "0.0.0.0", "--json") as service:
        said = json.loads(service.line)
        token = said.pop("token")
        assert said == {"address": service.address, "model": "shades", "file": "onnx/float32"}
        assert service.before == []
        assert service.ask("/predict", picture(9))[0] == 401
        assert service.prediction(picture(9), Authorization=f"Bearer {token}")["class"] == "dark"


def test_what_cannot_be_served_is_refused_in_one_line(bundle, tmp_path):
    assert "no model.json in this folder" in refused("serve", tmp_path)
    assert "it has onnx/float32" in refused("serve", bundle, "--format", "litert")
    assert "expected a folder" in refused("serve", bundle, "--allow-paths", tmp_path / "none")
    assert "'nowhere'" in refused("serve", "nowhere")
    changed = shutil.copytree(bundle, tmp_path / "changed")
    (changed / "model.onnx").write_bytes(b"other")
    assert "was changed" in refused("serve", changed)
    with served(bundle) as service:
        assert "cannot listen there" in refused("serve", bundle, "--port", service.port)


def test_an_image_has_one_file_and_no_tensorflow(bundle, tmp_path):
    image = tmp_path / "image"
    done = tlkit("dockerfile", bundle, "--out", image, "--json")
    assert f"docker build -t shades {image}" in done.stderr
    found = json.loads(done.stdout)
    assert (found["folder"], found["image"], found["file"]) == (str(image), "shades", "onnx/float32")
    needed = [line.partition("==")[0] for line in (image / "requirements.txt").read_text().splitlines()]
    assert needed == required()
    assert [each.partition("==")[0] for each in found["requirements"]] == needed
    assert {each.name for each in (image / "bundle").iterdir()} == {"model.json", "model.onnx"}
    names = [line.split()[1] for line in (image / "Dockerfile").read_text().splitlines() if line.startswith("COPY")]
    assert all((image / each).exists() for each in names)
    with served("bundle", cwd=image) as service:
        assert service.prediction(picture(204))["class"] == "light"
    assert "new or an empty folder" in refused("dockerfile", bundle, "--out", image)


@pytest.mark.server
def test_a_run_is_exported_once_and_answers_as_its_model(finished, monkeypatch):
    monkeypatch.chdir(finished[0])
    file = next((finished[0] / "pictures" / "red").iterdir())
    for lines in (2, 1):
        with served("latest", "--format", "onnx") as service:
            assert len(service.before) == lines
            probabilities = service.prediction(file.read_bytes())["probabilities"]
    [wanted] = load_run("latest").predict([file])
    assert list(probabilities.values()) == pytest.approx(wanted.outputs, abs=1e-4)
