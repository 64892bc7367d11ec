"""What the service counts and measures, for Prometheus."""

import os
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fashion_predict.classifier import Classifier
from fashion_predict.writers import OOD, UNCERTAIN, Result

Metric = TypeVar("Metric", bound=MetricWrapperBase)
OOD_SCORES = [step / 20 for step in range(1, 21)]  # the thresholds of networks are about 0.3 to 0.6
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where several processes add up their metrics
OTHER = "other"  # paths that do not exist, so that clients cannot make new time series


class Metrics:
    """The metrics of one service."""

    def __init__(self, models: Iterable[Classifier]):
        disable_created_metrics()  # the time of the first count of each series
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)  # memory, CPU time and open files
        self.requests = self._add(Counter, "requests", "Requests", "path", "status")
        self.seconds = self._add(Histogram, "request_seconds", "Time to answer", "path")
        self.in_flight = self._add(
            partial(Gauge, multiprocess_mode="livesum"),
            "requests_in_flight",
            "Requests to /predict now",
        )
        self._predictions = self._add(Counter, "predictions", "Predictions", "model", "label")
        self._ood_score = self._add(
            partial(Histogram, buckets=OOD_SCORES), "ood_score", "Scores of images", "model"
        )
        threshold = self._add(
            partial(Gauge, multiprocess_mode="max"),
            "ood_threshold",
            "Higher scores are rejected",
            "model",
        )
        for model in models:
            threshold.labels(model.name).set(model.ood_threshold)
            for label in (*model.classes, OOD, UNCERTAIN):
                self._predictions.labels(model.name, label)  # at 0

    def _add(self, kind: Callable[..., Metric], name: str, text: str, *labels: str) -> Metric:
        return kind(f"fashion_predict_{name}", text, labels, registry=self._registry)

    async def show_metrics(self) -> Response:
        """Show the metrics in the text format of Prometheus."""
        registry = self._registry
        if SHARED_FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def count(self, model: Classifier, results: Iterable[Result]) -> None:
        """Count the predictions of one answer."""
        for _, prediction, _ in results:
            if prediction is not None:
                label = prediction.label or (OOD if prediction.is_ood else UNCERTAIN)
                self._predictions.labels(model.name, label).inc()
                self._ood_score.labels(model.name).observe(prediction.ood_score)


class MeasureRequests:
    """Middleware that counts and times all requests."""

    def __init__(self, app: ASGIApp, metrics: Metrics):
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        start, status = time.perf_counter(), 500

        async def note_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            path = getattr(scope.get("route"), "path", OTHER)
            self._metrics.requests.labels(path, status).inc()
            self._metrics.seconds.labels(path).observe(time.perf_counter() - start)
