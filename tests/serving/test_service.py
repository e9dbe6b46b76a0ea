"""What the service answers, and what it refuses, asked within this process."""

import asyncio
import base64
import io
import json
import re
import struct
import threading

import numpy as np
import pandas as pd
import pytest
from asking import PAGE, Brightness, Client, shades
from PIL import Image

from tlkit.serving.admission import Admission, Limits


def picture(level, size=(4, 4), form="PNG"):
    file = io.BytesIO()
    Image.new("RGB", size, (level,) * 3).save(file, form)
    return file.getvalue()


def base64_of(level):
    return base64.b64encode(picture(level)).decode()


@pytest.fixture
def client(tmp_path):
    return Client(tmp_path)


def error_of(answer, status):
    """The one line of a refusal."""
    assert answer[0] == status
    said = json.loads(answer[-1]) if isinstance(answer[-1], bytes) else answer[-1]
    assert set(said) == {"error"}
    assert not re.search(r"\n|Traceback|\.py|/tmp", said["error"])
    return said["error"]


def test_a_picture_is_answered_alike_as_a_file_in_a_form_in_base64_and_as_numbers(client):
    form = (
        b'--xx\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + picture(204) + b"\r\n--xx--"
    )
    bodies = [
        (picture(204), "image/png"),
        (form, "multipart/form-data; boundary=xx"),
        (json.dumps({"example": base64_of(204)}).encode(), "application/json"),
        (json.dumps({"inputs": ["data:image/png;base64," + base64_of(204)]}).encode(), "application/json"),
        (json.dumps({"instances": np.full((1, 4, 4, 3), 204).tolist()}).encode(), "application/x-www-form-urlencoded"),
    ]
    for body, kind in bodies:
        status, _, said = client.ask("POST", "/predict", body, {"content-type": kind})
        assert status == 200, said
        [answer] = json.loads(said)["predictions"]
        assert (answer["class"], answer["probability"]) == ("light", pytest.approx(0.8))
        assert (answer["unknown"], answer["known"]) == (pytest.approx(0.3), True)


def test_what_is_like_nothing_that_was_learned_from_is_said_to_be_unknown(client):
    _, said = client.json("POST", "/predict", {"example": base64_of(255)})
    assert said["predictions"][0]["known"] is False


BAD = [
    (b"{", "application/json", "not JSON"),
    (b"[" * 100_000, "application/json", "JSON"),
    (b'{"pictures": []}', "application/json", "examples"),
    (b'{"examples": []}', "application/json", "examples"),
    (b'{"examples": ["/etc/passwd"]}', "application/json", "--allow-paths"),
    (b'{"examples": ["iVBO"]}', "application/json", "not a picture in base64"),
    (b'{"examples": [[1, [2]]]}', "application/json", "numbers of shape"),
    (b'{"examples": [{"a": 1}]}', "application/json", "numbers of shape"),
    (b'{"examples": [null]}', "application/json", "shape"),
    (b"", "image/png", "empty request"),
    (b"GIF89a", "image/gif", "not a picture"),
    (b"no form", "multipart/form-data", "boundary"),
    (b"no form", "multipart/form-data; boundary=x", "cut off"),
    (b'--x\r\nContent-Disposition: form-data; name="beside"\r\n\r\n[]\r\n--x--', "multipart/form-data; boundary=x",
     "expected a file"),
    (picture(9)[:45], "image/png", "not a picture"),
    (json.dumps({"examples": [[0]] * 300}).encode(), "application/json", "at most 256"),
]  # fmt: skip


def test_bad_requests_are_refused_in_one_line(client):
    for body, kind, wanted in BAD:
        assert wanted in error_of(client.ask("POST", "/predict", body, {"content-type": kind}), 422)


def test_a_bomb_is_not_decoded(client):
    file = io.BytesIO()
    Image.new("1", (6000, 6000)).save(file, "PNG")
    answer = client.ask("POST", "/predict", file.getvalue(), {"content-type": "image/png"})
    assert "6000 x 6000 pixels, more than 25 million" in error_of(answer, 422)


def test_paths_are_read_below_the_folders_that_are_allowed_and_nowhere_else(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(picture(204))
    (tmp_path / "out.png").write_bytes(picture(204))
    client = Client(tmp_path, folders=[tmp_path / "in"])
    assert client.json("POST", "/predict", {"examples": ["a.png", str(tmp_path / "in" / "a.png")]})[0] == 200
    for path in ("../out.png", str(tmp_path / "out.png"), "b.png"):
        assert "not a picture in base64" in error_of(client.json("POST", "/predict", {"examples": [path]}), 422)


def test_a_body_beyond_the_limit_is_refused_before_it_has_come(tmp_path):
    client = Client(tmp_path, limits=Limits(body=100))
    assert "at most 100" in error_of(client.ask("POST", "/predict", b"", {"content-length": "50000000"}), 413)
    assert "at most 100" in error_of(client.ask("POST", "/predict", b"x" * 101), 413)


def test_only_names_of_this_machine_are_answered_without_a_token(client):
    assert client.ask("GET", "/model", headers={"host": "127.0.0.1"})[0] == 200
    assert "own machine" in error_of(client.ask("GET", "/model", headers={"host": "evil.example:8000"}), 403)


def test_with_a_token_nobody_else_is_answered_but_for_health_and_the_page(tmp_path):
    client = Client(tmp_path, token="a secret", host="0.0.0.0")
    example = {"example": base64_of(9)}
    for wrong in ("", "Bearer", "Bearer a secre", "Basic a secret", "Bearer ä"):
        assert "Bearer TOKEN" in error_of(client.json("POST", "/predict", example, authorization=wrong), 401)
    assert client.json("POST", "/predict", example, authorization="Bearer a secret")[0] == 200
    assert [client.ask("GET", each, headers={"host": "any"})[0] for each in ("/", "/health", "/ready", "/metrics")] == [
        200, 200, 200, 401,
    ]  # fmt: skip


class Held(Brightness):
    """Answers once it is let go."""

    def __init__(self):
        super().__init__()
        self.go, self.begun = threading.Event(), threading.Event()

    def outputs(self, inputs):
        if self.sizes:  # behind the one that warms it up
            self.begun.set()
            assert self.go.wait(30)
        return super().outputs(inputs)


def held(folder, **settings):
    session = Held()
    client = Client(folder, lambda count, threads: shades(session=session), **settings)
    return session, client


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


def test_requests_that_come_together_are_one_batch(tmp_path):
    session, client = held(tmp_path)
    batcher = client.app._app.state.answering.batcher

    async def several():
        first = asyncio.ensure_future(client.asked("POST", "/predict", picture(0)))
        await until(session.begun.is_set)
        others = [asyncio.ensure_future(client.asked("POST", "/predict", picture(each))) for each in (51, 102, 204)]
        await until(lambda: len(batcher) == 3)
        session.go.set()
        return await asyncio.gather(first, *others)

    answers = asyncio.run(several())
    assert session.sizes[1:] == [1, 3]
    found = [json.loads(each[2])["predictions"][0]["probabilities"]["light"] for each in answers]
    assert found == pytest.approx([0, 0.2, 0.4, 0.8])


def test_a_full_queue_says_when_to_come_again(tmp_path):
    session, client = held(tmp_path, most=2)
    batcher = client.app._app.state.answering.batcher

    async def several():
        first = asyncio.ensure_future(client.asked("POST", "/predict", picture(0)))
        await until(session.begun.is_set)
        others = [asyncio.ensure_future(client.asked("POST", "/predict", picture(9))) for _ in range(2)]
        await until(lambda: len(batcher) == 2)
        refused = await client.asked("POST", "/predict", picture(9))
        ready = await client.asked("GET", "/ready")
        session.go.set()
        return refused, ready, await asyncio.gather(first, *others)

    refused, ready, answered = asyncio.run(several())
    assert "2 examples wait" in error_of(refused, 503)
    assert (refused[1]["retry-after"], ready[0]) == ("1", 503)
    assert [each[0] for each in answered] == [200] * 3


def test_nothing_is_computed_for_a_client_that_went_away(tmp_path):
    session, client = held(tmp_path)

    async def several():
        first = asyncio.ensure_future(client.asked("POST", "/predict", picture(0)))
        await until(session.begun.is_set)
        assert await client.asked("POST", "/predict", picture(9), leaves_after=0.2) is None
        session.go.set()
        return await first

    assert asyncio.run(several())[0] == 200
    assert client.ask("POST", "/predict", picture(9))[0] == 200
    assert session.sizes[1:] == [1, 1]


def test_an_answer_that_takes_too_long_is_given_up(tmp_path):
    session, client = held(tmp_path, limits=Limits(seconds=0.2))
    assert "no answer within 0.2 s" in error_of(client.ask("POST", "/predict", picture(0)), 503)
    session.go.set()


def test_a_heat_map_is_a_picture_to_lay_over_what_the_model_saw(client):
    status, _, said = client.ask("POST", "/explain", picture(204), {"content-type": "image/png"})
    found = json.loads(said)
    assert (status, found["prediction"]["class"]) == (200, "light")
    shown, heat = (
        Image.open(io.BytesIO(base64.b64decode(found[each].partition(",")[2]))) for each in ("picture", "heat")
    )
    assert (shown.size, heat.size, heat.mode) == ((4, 4), (4, 4), "RGBA")


def test_the_open_inference_protocol_tells_the_model_and_infers(client):
    page = client.json("GET", "/v2/models/shades")[1]
    assert page["inputs"] == [{"name": "input", "datatype": "UINT8", "shape": [-1, 4, 4, 3]}]
    assert [client.ask("GET", f"/v2/{each}")[0] for each in ("health/live", "health/ready", "models/shades/ready")] == [
        200
    ] * 3
    tensor = {"name": "input", "datatype": "UINT8", "shape": [2, 4, 4, 3], "data": [0] * 48 + [255] * 48}
    status, said = client.json("POST", "/v2/models/shades/versions/1/infer", {"id": "7", "inputs": [tensor]})
    assert (status, said["id"], said["model_name"]) == (200, "7", "shades")
    outputs = {each["name"]: each for each in said["outputs"]}
    assert (outputs["outputs"]["shape"], outputs["outputs"]["data"]) == ([2, 2], [1, 0, 0, 1])
    assert json.loads(outputs["answers"]["data"][1])["class"] == "light"
    files = {"name": "input", "datatype": "BYTES", "shape": [1], "data": [base64_of(204)]}
    _, said = client.json("POST", "/v2/models/shades/infer", {"inputs": [files], "outputs": [{"name": "outputs"}]})
    assert said["outputs"][0]["data"] == pytest.approx([0.2, 0.8])


def test_the_open_inference_protocol_takes_and_gives_bytes_behind_its_json(client):
    tensor = {"name": "input", "datatype": "UINT8", "shape": [1, 4, 4, 3], "parameters": {"binary_data_size": 48}}
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    name = "inference-header-content-length"
    status, told, said = client.ask("POST", "/v2/models/shades/infer", head + b"\xff" * 48, {name: str(len(head))})
    length = int(told[name])
    page, data = json.loads(said[:length]), said[length:]
    assert status == 200
    sizes = {each["name"]: each["parameters"]["binary_data_size"] for each in page["outputs"]}
    assert struct.unpack("<2f", data[:8]) == (0, 1)
    assert sum(sizes.values()) == len(data)


BAD_INFERENCES = [
    ({}, "inputs"),
    ({"inputs": [{"name": "input", "shape": [1], "datatype": "TEXT", "data": []}]}, "datatype"),
    ({"inputs": [{"name": "input", "shape": [-1, 3], "datatype": "UINT8", "data": []}]}, "shape"),
    ({"inputs": [{"name": "other", "shape": [1], "datatype": "UINT8", "data": [1]}]}, "expected input"),
    ({"inputs": [{"name": "input", "shape": [1, 3], "datatype": "UINT8", "data": [1]}]}, "do not make the shape"),
    ({"inputs": [{"name": "input", "shape": [1, 3], "datatype": "UINT8", "data": [1, 2, 3]}]}, "(4, 4, 3)"),
    ({"inputs": [{"name": "input", "shape": [1, 4, 4, 3], "datatype": "FP32", "data": [0.5] * 48}]}, "uint8"),
    ({"inputs": [{"name": "input", "shape": [1], "datatype": "BYTES", "data": ["x"]}]}, "not a picture"),
]


def test_bad_requests_to_infer_are_refused_in_one_line(client):
    for asked, wanted in BAD_INFERENCES:
        assert wanted in error_of(client.json("POST", "/v2/models/shades/infer", asked), 422)


def test_other_models_and_pages_are_not_here(client):
    assert "'shades', version 1" in error_of(client.json("GET", "/v2/models/cats"), 404)
    for path in ("/static/service.py", "/static/..", "/nowhere", "/static/%2e%2e"):
        error_of(client.ask("GET", path), 404)
    assert client.ask("GET", "/predict")[0] == 405


def test_the_pages_take_scripts_and_styles_from_the_service_alone(client):
    for page in ("/", "/docs"):
        status, told, said = client.ask("GET", page)
        assert (status, told["content-security-policy"].split(";")[0]) == (200, "default-src 'self'")
        for name in re.findall(r'(?:src|href)="(static/[^"]+)"', said.decode()):
            assert client.ask("GET", f"/{name}")[0] == 200
        assert b"//" not in said
    assert "/predict" in client.json("GET", "/openapi.json")[1]["paths"]


def test_counters_are_told_as_prometheus_reads_them(client):
    for _ in range(2):
        client.ask("POST", "/predict", picture(204), {"content-type": "image/png"})
    client.ask("POST", "/predict", b"", {"content-type": "image/png"})
    said = client.ask("GET", "/metrics")[2].decode()
    told = dict(line.rsplit(" ", 1) for line in said.splitlines() if not line.startswith("#"))
    assert told['tlkit_requests_total{route="predict",status="200"}'] == "2"
    assert told['tlkit_requests_total{route="predict",status="422"}'] == "1"
    assert told['tlkit_answers_total{class="light"}'] == told["tlkit_examples_total"] == "2"
    assert told['tlkit_request_seconds_bucket{le="+Inf"}'] == told["tlkit_request_seconds_count"] == "3"
    assert all(re.fullmatch(r"[a-z_]+(\{[^}]+\})?", name) for name in told)


def test_answers_are_logged_as_a_table_without_the_examples(tmp_path):
    client = Client(tmp_path, log=tmp_path / "log.parquet")
    for level in (204, 255):
        client.ask("POST", "/predict", picture(level), {"content-type": "image/png"})
    client.app._app.state.answering.close()
    table = pd.read_parquet(tmp_path / "log.parquet")
    assert table["class"].tolist() == ["light", "light"]
    assert table["p_light"].tolist() == pytest.approx([0.8, 1.0])
    assert table["unknown"].tolist() == pytest.approx([0.3, 0.5])
    assert set(table.columns) == {"time", "class", "probability", "p_dark", "p_light", "unknown"}


def test_rows_beside_the_examples_are_taken_by_name(tmp_path):
    page = {**PAGE, "beside": {"columns": {"age": None, "sex": ["f", "m"]}, "name": None}}
    seen = []

    class Noting(Brightness):
        def outputs(self, inputs):
            seen.append(inputs[1].tolist())
            return super().outputs(inputs)

    client = Client(tmp_path, lambda count, threads: shades(page=page, session=Noting()))
    example = {"example": base64_of(9)}
    assert client.json("POST", "/predict", {**example, "beside": [{"age": 61, "sex": "m"}]})[0] == 200
    assert seen[1:] == [[[61, 0, 1]]]
    bad = {
        "age, sex": None,
        "'sex'": [{"age": 1}],
        "a number": [{"age": "old", "sex": "f"}],
        "a list": 3,
        "no column": [],
    }
    for wanted, rows in bad.items():
        assert wanted in error_of(client.json("POST", "/predict", {**example, "beside": rows}), 422)


def test_an_application_that_asks_for_more_than_the_request_waits(client):
    """As what hands out files does, to hear whether the client goes away; it is not given the request again."""
    again = []

    async def patient(scope, receive, send):
        assert (await receive())["body"] == b"all of it"
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0.01)
        again.append(waiting.done())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    client.app = Admission(patient, Limits(), host="localhost")
    assert client.ask("POST", "/", b"all of it")[0] == 200
    assert again == [False]
