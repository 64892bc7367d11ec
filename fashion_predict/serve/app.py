"""The paths of the service.

Images are decoded and predicted in a pool of threads, so that the event loop stays free. The images
of one request form one batch, as in the command, because the last digits depend on the batch.
"""

import asyncio
import io
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse, Response
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.requests import Request

from fashion_predict.classifier import Classifier
from fashion_predict.cli import READERS, predict_batch, read_input
from fashion_predict.serve.limits import Limits
from fashion_predict.serve.metrics import MeasureRequests, Metrics
from fashion_predict.serve.request_images import BYTES, FIELD, FORM, read_images
from fashion_predict.writers import Result, json_array, printable

ABOUT_MODELS = ("name", "dataset", "classes", "image_shape", "ood_threshold", "min_confidence")
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILES = {"type": "array", "items": BINARY["schema"]}
FORM_SCHEMA = {"schema": {"type": "object", "required": [FIELD], "properties": {FIELD: FILES}}}
BODY = {"requestBody": {"content": {FORM: FORM_SCHEMA, BYTES: BINARY, "image/*": BINARY}}}
TYPES = {  # of the fields of a prediction, for the OpenAPI description
    **dict.fromkeys(("file", "top1", "top2", "model", "dataset", "error"), "string"),
    **dict.fromkeys(("is_ood", "is_uncertain"), "boolean"),
    **dict.fromkeys(("top1_probability", "top2_probability", "ood_score"), "number"),
    "label": ["string", "null"],
    "probabilities": "object",
}
PROPERTIES = {"properties": {name: {"type": kind} for name, kind in TYPES.items()}}
ROWS = {"application/json": {"schema": {"type": "array", "items": {"type": "object"} | PROPERTIES}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "What `fashion-predict --format json` prints", "content": ROWS},
    422: {
        "description": "The same; images that could not be read have an `error`",
        "content": ROWS,
    },
    "4XX": {"description": "The request was refused; `error` is the reason"},
    503: {"description": "Too many requests; try again later"},
}


def create_app(models: dict[str, Classifier], limits: Limits) -> FastAPI:
    """Make the ASGI application; the first of `models` (by name) is the default."""
    service = _Service(models, limits)
    app = FastAPIOffline(title="fashion-predict", redoc_url=None)
    app.router.redirect_slashes = False
    app.add_middleware(MeasureRequests, metrics=service.metrics)
    app.add_exception_handler(HTTPException, _refuse)
    add = app.post("/predict", responses=RESPONSES, openapi_extra=BODY, response_class=Response)
    add(service.predict)
    app.get("/models")(service.list_models)
    app.get("/metrics", response_class=Response)(service.metrics.show_metrics)
    app.get("/health")(check)
    app.get("/ready")(check)
    return app


class _Service:
    def __init__(self, models: dict[str, Classifier], limits: Limits):
        self._models = models
        self._limits = limits
        self._pool = ThreadPoolExecutor(READERS)
        self._free = asyncio.Semaphore(limits.max_requests)
        self.metrics = Metrics(models.values())

    async def predict(
        self,
        request: Request,
        model: Annotated[str | None, Query(description="a name from /models")] = None,
    ) -> Response:
        """Classify one or many images."""
        deadline = time.monotonic() + self._limits.timeout
        classifier = self._choose(model, [*request.query_params])
        if self._free.locked():
            raise _busy("too many requests at the same time")
        async with self._free:
            with self.metrics.in_flight.track_inprogress():
                images = await read_images(request, self._limits)
                loop = asyncio.get_running_loop()
                results = await loop.run_in_executor(
                    self._pool, _predict, classifier, images, deadline
                )
        self.metrics.count(classifier, results)
        status = 422 if any(result.error for result in results) else 200
        return Response(_to_json(classifier, results), status, media_type="application/json")

    def _choose(self, model: str | None, parameters: list[str]) -> Classifier:
        if unknown := [name for name in parameters if name != "model"]:
            raise HTTPException(400, f"expected the parameter model, found {unknown[0]}")
        name = next(iter(self._models)) if model is None else model
        if name not in self._models:
            raise HTTPException(404, f"expected one of {', '.join(self._models)}, found {name}")
        return self._models[name]

    async def list_models(self) -> list[dict[str, Any]]:
        """List the networks that the parameter `model` can name; the first is the default."""
        return [
            {key: getattr(model, key) for key in ABOUT_MODELS} for model in self._models.values()
        ]


async def check() -> dict[str, str]:
    """Tell that the service answers; it has loaded all networks before it listens."""
    return {"status": "ok"}


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  for mypy
    reason = {"error": printable(error.detail)}
    return JSONResponse(reason, error.status_code, error.headers)


def _busy(reason: str) -> HTTPException:
    return HTTPException(503, f"{reason}; try again later", {"Retry-After": "1"})


def _predict(
    classifier: Classifier, images: list[tuple[str, bytes]], deadline: float
) -> list[Result]:
    inputs = []
    for _, content in images:
        if time.monotonic() > deadline:
            raise _busy("not started in time")
        inputs.append(read_input(classifier, content))
    return list(predict_batch(classifier, [name for name, _ in images], inputs))


def _to_json(classifier: Classifier, results: list[Result]) -> bytes:
    stream = io.StringIO()
    with json_array(stream, classifier) as write:
        for result in results:
            write(result)
    return stream.getvalue().encode("utf-8", "backslashreplace")
