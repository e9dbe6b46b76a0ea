"""What the studio's page asks for, as an application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from tlkit.commands.studio.single_job import BusyError
from tlkit.commands.studio.workbench import Workbench, earlier_runs, formats_here, report_of
from tlkit.errors import DataError, TlkitError
from tlkit.serving.static_pages import static_page

_PAGES = (("tlkit.commands.studio", "page"), ("tlkit.evaluation", "."))
_FRAMED = {  # a page that tlkit wrote about somebody's files: it runs no script, and is nobody's origin
    "content-security-policy": (
        "sandbox allow-popups; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
}
Json = Mapping[str, Any]


class ChosenFolder(BaseModel):
    """A folder that is to be worked on."""

    path: str


class EditedRecipe(BaseModel):
    """The text of a recipe."""

    text: str


class WantedCheck(BaseModel):
    """How the data are to be checked."""

    quarantine: bool = False


class ChosenRun(BaseModel):
    """A run to come back to."""

    run_id: str


class WantedExport(BaseModel):
    """What a model is to be written as."""

    formats: list[str]
    precision: str = "float32"


def studio_app(bench: Workbench) -> FastAPI:
    """The application around a workbench; who may ask it is looked at before it."""
    app = FastAPI(title="tlkit studio", docs_url=None, redoc_url=None, openapi_url=None)
    for kind in (TlkitError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refused)
    _add_pages(app)
    _add_looking(app, bench)
    _add_doing(app, bench)
    app.mount("/api/model", bench.model)
    return app


def _add_pages(app: FastAPI) -> None:
    @app.get("/")
    def page() -> Response:
        return static_page("studio.html", _PAGES)

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        return static_page(name, _PAGES)

    @app.get("/ready")
    def ready() -> Json:
        return {"ready": True}


def _add_looking(app: FastAPI, bench: Workbench) -> None:
    @app.get("/api/state")
    def state() -> Json:
        return bench.told()

    @app.get("/api/folders")
    def folders(path: str = "") -> Json:
        return asdict(bench.allowed.view(path))

    @app.get("/api/thumbnail")
    def thumbnail(path: str) -> Response:
        headers = {"cache-control": "private, max-age=300", "x-content-type-options": "nosniff"}
        return Response(bench.allowed.thumbnail(path), media_type="image/jpeg", headers=headers)

    @app.get("/api/runs")
    def runs() -> Json:
        return {"runs": earlier_runs()}

    @app.get("/api/formats")
    def formats() -> Json:
        return {"formats": formats_here()}

    @app.get("/api/report/{run_id}")
    def report(run_id: str) -> Response:
        return _framed(report_of(run_id))

    @app.get("/api/checked")
    def checked() -> Response:
        return _framed(bench.check_page())

    @app.get("/api/exports/{name}.zip")
    def archive(name: str) -> Response:
        return FileResponse(bench.archive(name), media_type="application/zip", filename=f"{name}.zip")


def _add_doing(app: FastAPI, bench: Workbench) -> None:
    @app.post("/api/choose")
    def choose(given: ChosenFolder) -> Json:
        bench.choose(given.path)
        return bench.told()

    @app.post("/api/recipe")
    def recipe(given: EditedRecipe) -> Json:
        bench.save(given.text)
        return bench.told()

    @app.post("/api/check")
    def check(given: WantedCheck) -> Json:
        bench.check(quarantine=given.quarantine)
        return bench.told()

    @app.post("/api/train")
    def train() -> Json:
        bench.train()
        return bench.told()

    @app.post("/api/stop")
    def stop() -> Json:
        bench.job.stop()
        return bench.told()

    @app.post("/api/run")
    def run(given: ChosenRun) -> Json:
        bench.take_run(given.run_id)
        return bench.told()

    @app.post("/api/open")
    def open_model() -> Json:
        bench.open_model()
        return bench.told()

    @app.post("/api/export")
    def export(given: WantedExport) -> Json:
        bench.export(given.formats, given.precision)
        return bench.told()


def _framed(page: Path | None) -> Response:
    if page is None or not page.is_file():
        raise DataError("there is no such page any more")
    return Response(page.read_bytes(), media_type="text/html; charset=utf-8", headers=_FRAMED)


async def _refused(request: Request, error: Exception) -> Response:
    """One line, whatever is refused."""
    if isinstance(error, HTTPException):
        return JSONResponse({"error": str(error.detail)}, error.status_code)
    if isinstance(error, RequestValidationError):
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return JSONResponse({"error": f"not understood: {faults}"}, 422)
    return JSONResponse({"error": " ".join(str(error).split())}, 409 if isinstance(error, BusyError) else 422)
