"""The HTTP service: what can be asked of a model, by whom, and what comes back."""

from __future__ import annotations

import asyncio
import errno
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tlkit.errors import DataError, EngineError
from tlkit.serving.answering import Answering
from tlkit.serving.heat_pictures import data_uri, overlay
from tlkit.serving.open_inference import LENGTH, Inference, inference_in, model_metadata
from tlkit.serving.request_batches import Example, OverloadedError
from tlkit.serving.request_bodies import examples_in
from tlkit.serving.served_model import Json
from tlkit.serving.static_pages import static_page

_PAGES = (("tlkit.serving", "pages"), ("tlkit.exporting", "browser"), ("tlkit.evaluation", "."))
_NUMBERS = {"type": "array", "items": {}}
_EXAMPLES = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "examples": {"type": "array", "items": {"anyOf": [{"type": "string"}, _NUMBERS]}},
                    "beside": {"type": "array", "items": {"type": "object"}},
                },
            },
            "example": {"examples": ["<a picture in base64>"]},
        },
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
        },
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    },
}


def service(answering: Answering, under_way: Callable[[], int] = lambda: 0) -> FastAPI:
    """The application that answers by this model.

    Args:
        under_way: requests that are, for `/metrics`.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_exception_handler(_untaken)
        yield
        answering.close()

    app = FastAPI(
        title=f"tlkit: {answering.model.name}", version=answering.model.version, lifespan=lifespan, docs_url=None,
        redoc_url=None, description="What a trained model says of examples.",
    )  # fmt: skip
    app.state.answering = answering
    for kind, status in ((DataError, 422), (OverloadedError, 503), (EngineError, 500)):
        app.add_exception_handler(kind, functools.partial(_refused, status))
    app.add_exception_handler(HTTPException, _no_such_thing)
    _add_predictions(app, answering)
    _add_inference(app, answering)
    _add_health(app, answering, under_way)
    _add_pages(app)
    return app


def _untaken(loop: asyncio.AbstractEventLoop, context: Any) -> None:
    """A connection for which no file is left waits; thousands of lines about it would fill the disk."""
    if getattr(context.get("exception"), "errno", None) not in (errno.EMFILE, errno.ENFILE):
        loop.default_exception_handler(context)


def _add_predictions(app: FastAPI, answering: Answering) -> None:
    @app.post("/predict", openapi_extra={"requestBody": _EXAMPLES}, summary="What the model says of examples")
    async def predict(request: Request) -> JSONResponse:
        """A file as it is (`--data-binary @cat.jpg`), files in a form, or JSON: pictures in base64, texts, arrays."""
        rows = await answering.rows(await _examples(request, answering))
        return JSONResponse({"predictions": [answering.answer(each) for each in rows]})

    @app.post(
        "/explain", openapi_extra={"requestBody": _EXAMPLES}, summary="Which parts of a picture speak for its answer"
    )
    async def explain(request: Request) -> JSONResponse:
        """One picture, as for `/predict`; `heat` is a picture to lay over `picture`, which is what the model saw."""
        examples = await _examples(request, answering)
        if len(examples) != 1:
            raise DataError(f"expected one picture to explain, found {len(examples)}")
        [rows] = await answering.rows(examples)
        found = await answering.heat(examples[0], rows)
        drawn = answering.model.kind.draw(examples[0][0])
        return JSONResponse({
            "prediction": answering.model.answer(rows), "heat": data_uri(overlay(found.heat)),
            "picture": None if drawn is None else data_uri(drawn),
        })  # fmt: skip


def _add_inference(app: FastAPI, answering: Answering) -> None:
    model = answering.model

    @app.get("/v2", summary="Open inference protocol: this server")
    async def server() -> Json:
        return {"name": "tlkit", "version": version("tlkit"), "extensions": ["binary_tensor_data"]}

    @app.get("/v2/models/{name}", summary="Open inference protocol: this model")
    @app.get("/v2/models/{name}/versions/{number}", include_in_schema=False)
    async def metadata(name: str, number: str = model.version) -> Json:
        _known(name, number, answering)
        return model_metadata(model)

    @app.get("/v2/models/{name}/ready", summary="Open inference protocol: is this model ready")
    @app.get("/v2/models/{name}/versions/{number}/ready", include_in_schema=False)
    async def model_ready(name: str, number: str = model.version) -> Response:
        _known(name, number, answering)
        return _ready(answering)

    @app.post("/v2/models/{name}/infer", summary="Open inference protocol: outputs for arrays, or for files in BYTES")
    @app.post("/v2/models/{name}/versions/{number}/infer", include_in_schema=False)
    async def infer(request: Request, name: str, number: str = model.version) -> Response:
        _known(name, number, answering)
        body, most = await request.body(), answering.batcher.most
        ask = functools.partial(inference_in, body, request.headers.get(LENGTH), model, answering.reader, most)
        inference: Inference = await answering.read(ask)
        rows = await answering.rows(inference.examples)
        said, length = inference.answer(model, rows, [answering.answer(each) for each in rows])
        if length is None:
            return Response(said, media_type="application/json")
        return Response(said, media_type="application/octet-stream", headers={LENGTH: str(length)})


def _add_health(app: FastAPI, answering: Answering, under_way: Callable[[], int]) -> None:
    @app.get("/health", summary="Is the service alive")
    @app.get("/v2/health/live", summary="Open inference protocol: is the service alive")
    async def health() -> Json:
        return {"status": "alive", "live": True}

    @app.get("/ready", summary="Will it answer")
    @app.get("/v2/health/ready", summary="Open inference protocol: will it answer")
    async def ready() -> Response:
        return _ready(answering)

    @app.get("/model", summary="What the model takes and gives")
    async def model() -> Json:
        return answering.model.description()

    @app.get("/metrics", summary="Counters for Prometheus")
    async def metrics() -> Response:
        gauges = {"tlkit_waiting_examples": len(answering.batcher), "tlkit_requests_under_way": under_way()}
        return Response(answering.counts.text(gauges), media_type="text/plain; version=0.0.4")


def _add_pages(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return static_page("page.html", _PAGES)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return static_page("docs.html", _PAGES)

    @app.get("/static/{name}", include_in_schema=False)
    async def static(name: str) -> Response:
        return static_page(name, _PAGES)


async def _examples(request: Request, answering: Answering) -> list[Example]:
    body, kind = await request.body(), request.headers.get("content-type", "")
    return await answering.read(functools.partial(examples_in, body, kind, answering.reader, answering.batcher.most))


def _known(name: str, number: str, answering: Answering) -> None:
    if (name, number) != (answering.model.name, answering.model.version):
        raise HTTPException(404, f"the model here is '{answering.model.name}', version {answering.model.version}")


def _ready(answering: Answering) -> Response:
    ready = answering.batcher.is_alive and len(answering.batcher) < answering.batcher.most
    page = {"ready": ready, "name": answering.model.name}
    return JSONResponse(page, 200 if ready else 503, None if ready else {"retry-after": "1"})


async def _refused(status: int, request: Request, error: Exception) -> Response:
    said = " ".join(str(error).split())
    return JSONResponse({"error": said}, status, {"retry-after": "1"} if status == 503 else None)


async def _no_such_thing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for it"
    said = error.detail or HTTPStatus(error.status_code).phrase
    return JSONResponse({"error": said}, error.status_code, error.headers)
