"""A worker that joins a chief which is not what it should be: it stops, and nothing of it is run or written."""

import json
from concurrent import futures

import grpc
import pytest
from command_line import refused, tlkit
from keras_tuner import HyperParameters
from keras_tuner.engine import trial as tuner_trial
from keras_tuner.src import protos
from keras_tuner.src.distribute.oracle_chief import OracleServicer

from tlkit.search.chief import SERVICE, to_plain
from tlkit.search.join_token import TokenCheck, known_token, made_token, saying
from tlkit.search.trial import Trial

pytestmark = pytest.mark.contract


class Hostile:
    """Gives one trial, as it likes."""

    def __init__(self, trial):
        self.trial = trial

    def create_trial(self, tuner_id):
        values = HyperParameters()
        values.values = {"trial": json.dumps(self.trial)}
        return tuner_trial.Trial(values, trial_id="000", status="RUNNING")


def handlers():
    answers = {"join": b'{"name": "joined 1"}', "beat": b"{}", "fetch": b"owned"}
    methods = {
        name: grpc.unary_unary_rpc_method_handler(lambda asked, context, answer=answer: answer)
        for name, answer in answers.items()
    }
    return grpc.method_handlers_generic_handler(SERVICE, methods)


@pytest.fixture
def join(project):
    """Join a chief that gives a trial with these fields; the command's result."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    port = server.add_insecure_port("127.0.0.1:0")

    def join(**fields):
        desk = Hostile({**to_plain(Trial(0, {}, "joined 1")), **fields})
        protos.get_service_grpc().add_OracleServicer_to_server(OracleServicer(desk), server)
        server.add_generic_rpc_handlers([handlers()])
        server.start()
        return tlkit("tune", "tiny.yaml", "--join", f"127.0.0.1:{port}")

    yield join
    server.stop(None).wait()


def test_a_chief_answers_no_worker_that_does_not_say_its_token(tmp_path, monkeypatch):
    token = made_token(tmp_path)
    assert (tmp_path / "join_token").stat().st_mode & 0o777 == 0o600
    assert known_token(tmp_path) == made_token(tmp_path) == token
    server = grpc.server(futures.ThreadPoolExecutor(2), interceptors=[TokenCheck(token)])
    server.add_generic_rpc_handlers([handlers()])
    channel = grpc.insecure_channel(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
    server.start()
    for wrong in ("", "another", token[:-1]):
        with pytest.raises(grpc.RpcError) as refused:
            saying(wrong, channel).unary_unary(f"/{SERVICE}/beat")(b"{}", timeout=20)
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert saying(token, channel).unary_unary(f"/{SERVICE}/beat")(b"{}", timeout=20) == b"{}"
    monkeypatch.setenv("TLKIT_JOIN_TOKEN", "given by hand")
    assert known_token(tmp_path) == made_token(tmp_path) == "given by hand"
    channel.close()
    server.stop(None).wait()


def test_a_worker_without_the_token_is_told_where_it_is(project):
    server = grpc.server(futures.ThreadPoolExecutor(2), interceptors=[TokenCheck("of another project")])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    line = refused("tune", "tiny.yaml", "--join", f"127.0.0.1:{port}")
    assert line.endswith("Set TLKIT_JOIN_TOKEN to what mlruns/searches/tiny/join_token says on the chief's machine")
    server.stop(None).wait()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"number": "../owned"}, "(number: '../owned')"),
        ({"number": True, "since": -1}, "(number: True, since: -1)"),
        ({"changes": {"model.net": "evil.py:build"}}, "(model.net: 'evil.py:build')"),
        ({"changes": {"model.head.dropout": 0.9, "data.path": "/"}}, "(model.head.dropout: 0.9, data.path: '/')"),
        ({"changes": "model.net"}, "the chief gave a trial that is none of this recipe's space ("),
    ],
)
def test_a_trial_outside_the_space_is_refused(join, project, fields, said):
    (project / "evil.py").write_text("from pathlib import Path\nPath('owned').touch()\ndef build(shape): ...\n")
    before = sorted(project.parent.rglob("*owned*"))
    done = join(**fields)
    assert done.exit_code == 2, done.output
    assert said in done.output.splitlines()[-1]
    assert sorted(project.parent.rglob("*owned*")) == before
