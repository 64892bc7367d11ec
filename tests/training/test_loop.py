import re

import keras
import numpy as np
import pytest
from sklearn import metrics

from fashion.config.model import Augment, Fit, Mlp, Model
from fashion.models.determinism import make_deterministic
from fashion.networks.building import build
from fashion.training.batches import Split, chunks
from fashion.training.loop import (
    DivergedError,
    TrainingError,
    compile_model,
    fit,
    steps_by_epoch,
)
from fashion.training.schedules import WarmupDecay
from fashion.training.steps import train_function
from tests.conftest import CLASSES, MODELS, SELECTION, SHAPE, small_part
from tests.conftest import FIT as BASE

TRAIN = Split(*small_part(per_class=26, seed=0))
NO_ERRORS = np.ones(len(TRAIN.labels), np.float32)
VALIDATION = Split(*small_part(per_class=10, seed=1))
UNCHANGED = Augment(flip=False, shift=0, cutout=0)
SGD = {"kind": "sgd", "momentum": 0.9, "weight_decay": 1e-3}
FIT = Fit.model_validate(
    BASE
    | {
        "epochs": 3,
        "steps_per_execution": 3,
        "optimizer": SGD,
        "learning_rate": 0.1,
        "label_smoothing": 0.1,
        "ema_momentum": 0.5,
    }
)
NETWORK = Mlp(kind="mlp", units=[12], dropout=0.2)
HALF = SELECTION | {"hard_fraction": 0.5, "full_epochs_end": 1}


def settings(**changes):
    return Fit.model_validate(FIT.model_dump() | changes)


def trained(
    config=FIT, augmentation=UNCHANGED, seed=0, callbacks=(), network=NETWORK, checkpoint=None
):
    make_deterministic(seed, threads=2)
    model = build(network, SHAPE, len(CLASSES), seed=seed)
    history = fit(
        model,
        TRAIN,
        VALIDATION,
        config,
        augmentation,
        seed=seed,
        callbacks=callbacks,
        checkpoint=checkpoint,
    )
    return model, history


def flat(model):
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


def test_training_learns():
    _, history = trained(settings(epochs=8))
    assert history["val_accuracy"][-1] > 0.9
    assert history["loss"][-1] < history["loss"][0]


def test_history_has_a_value_of_each_key_for_each_epoch():
    _, history = trained()
    keys = {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    assert set(history) == keys
    assert {len(values) for values in history.values()} == {FIT.epochs}
    schedule = WarmupDecay(0.1, 24, 0.2, "linear")
    expected = [float(schedule(step)) for step in (8, 16, 24)]
    assert history["learning_rate"] == pytest.approx(expected)


@pytest.mark.parametrize("network", MODELS)
def test_equal_seeds_give_equal_weights_and_other_seeds_others(network):
    model = Model.model_validate(MODELS[network])
    augmentation = Augment(flip=True, shift=2, cutout=4)
    runs = [trained(model.fit, augmentation, seed, (), model.network)[0] for seed in (0, 0, 1)]
    np.testing.assert_array_equal(flat(runs[0]), flat(runs[1]))
    assert (flat(runs[0]) != flat(runs[2])).any()


@pytest.mark.parametrize("steps", [1, 2, 100])
def test_how_many_steps_run_at_once_does_not_change_the_result(steps):
    reference, _ = trained()
    model, _ = trained(settings(steps_per_execution=steps))
    np.testing.assert_allclose(flat(model), flat(reference), rtol=1e-5, atol=1e-6)


def test_it_is_the_training_of_keras_fit():
    config = settings(ema_momentum=0.0, epochs=1)
    plain = Mlp(kind="mlp", units=[12], dropout=0.0)
    ours, _ = trained(config, network=plain)
    make_deterministic(0, threads=2)
    theirs = build(plain, SHAPE, len(CLASSES))
    optimizer = keras.optimizers.SGD(
        WarmupDecay(0.1, 8, 0.2, "linear"), momentum=0.9, nesterov=True, weight_decay=1e-3
    )
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    theirs.compile(optimizer, keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
    parts = list(chunks(TRAIN, NO_ERRORS, config, UNCHANGED, seed=0, epoch=0))
    _, images, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    one_hot = keras.utils.to_categorical(labels, len(CLASSES))
    theirs.fit(images.astype("float32"), one_hot, batch_size=16, shuffle=False, verbose=0)
    np.testing.assert_allclose(flat(ours), flat(theirs), rtol=1e-4, atol=1e-6)


def test_an_epoch_uses_no_image_twice_and_leaves_out_less_than_a_batch():
    numbered = Split(np.arange(130, dtype=np.uint8)[:, None, None], np.arange(130, dtype=np.uint8))
    epochs = [
        np.concatenate(
            [
                part.labels
                for part in chunks(numbered, NO_ERRORS, FIT, UNCHANGED, seed=0, epoch=epoch)
            ]
        )
        for epoch in (0, 1)
    ]
    for labels in epochs:
        assert len(labels) == len(set(labels)) == 128
    assert (epochs[0] != epochs[1]).any()


def test_images_keep_their_labels_through_shuffling():
    numbered = Split(np.arange(130, dtype=np.uint8)[:, None, None], np.arange(130, dtype=np.uint8))
    for part in chunks(numbered, NO_ERRORS, FIT, UNCHANGED, seed=0, epoch=0):
        np.testing.assert_array_equal(part.images.ravel(), part.labels)


def test_two_epochs_show_both_sides_of_every_image_whatever_its_place():
    images = np.arange(130, dtype=np.uint8)[:, None, None] * np.ones((1, 2), np.uint8)
    images[:, :, 1] = 255
    numbered = Split(images, np.arange(130, dtype=np.uint8))
    flipping = Augment(flip=True, shift=0, cutout=0)
    sides = {}
    for epoch in (0, 1):
        for part in chunks(numbered, NO_ERRORS, FIT, flipping, seed=0, epoch=epoch):
            for image, label in zip(part.images, part.labels, strict=True):
                sides.setdefault(int(label), []).append(int(image[0, 1]) == 255)
    seen_twice = [both for both in sides.values() if len(both) == 2]
    assert len(seen_twice) > 100
    assert all(one != other for one, other in seen_twice)


def test_an_epoch_is_drawn_from_the_seed_and_from_the_errors_alone():
    config = Augment(flip=True, shift=2, cutout=3)
    first, again = (list(chunks(TRAIN, NO_ERRORS, FIT, config, seed=5, epoch=7)) for _ in range(2))
    for part, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(part.images, same.images)


def test_epochs_between_the_first_and_the_last_use_the_images_with_the_highest_error(monkeypatch):
    drawn = []

    def watched(train, errors, config, augmentation, **which):
        before = errors.copy()
        parts = list(chunks(train, errors, config, augmentation, **which))
        drawn.append((before, np.concatenate([part.rows for part in parts])))
        return iter(parts)

    monkeypatch.setattr("fashion.training.loop.chunks", watched)
    trained(settings(epochs=4, selection=HALF, ema_momentum=0.0, learning_rate=0.02))
    assert [len(rows) for _, rows in drawn] == [128, 64, 64, 128]
    for errors, rows in drawn[1:3]:
        left_out = np.setdiff1d(np.arange(130), rows)
        assert errors[rows].min() >= np.sort(errors[left_out])[-2]
    assert (drawn[0][0] == 1).all()


def test_the_progress_shown_is_of_the_steps_that_an_epoch_has(capsys):
    trained(settings(epochs=3, selection=HALF))
    shown = capsys.readouterr().out
    assert re.findall(r"(\d+/\d+) - ", shown) == ["8/8", "4/4", "8/8"]


AT_REST = {"learning_rate": 1e-12, "warmup": 0.0, "ema_momentum": 0.0}
WITHOUT_DROPOUT = Mlp(kind="mlp", units=[12], dropout=0.0)


def test_errors_losses_and_accuracies_are_those_of_the_predictions(monkeypatch):
    kept = []
    monkeypatch.setattr(
        "fashion.training.loop.chunks", lambda *a, **k: kept.append(a[1]) or chunks(*a, **k)
    )
    model, history = trained(settings(epochs=1, batch_size=13, **AT_REST), network=WITHOUT_DROPOUT)
    for prefix, split in (("", TRAIN), ("val_", VALIDATION)):
        predicted = model.predict(split.images, verbose=0).astype(np.float64)
        predicted /= predicted.sum(axis=1, keepdims=True)
        loss = metrics.log_loss(split.labels, predicted)
        accuracy = metrics.accuracy_score(split.labels, predicted.argmax(axis=1))
        assert history[f"{prefix}loss"] == pytest.approx([loss], rel=1e-5)
        assert history[f"{prefix}accuracy"] == pytest.approx([accuracy])
    predicted = model.predict(TRAIN.images, verbose=0)[np.arange(130), TRAIN.labels]
    np.testing.assert_allclose(kept[0], 1 - predicted, atol=1e-5)


def test_images_with_channels_are_trained_on_and_validated():
    """Three equal channels, each with a third of the weights, give what one gives."""
    rng = np.random.default_rng(0)
    first, last = rng.normal(size=(400, 12)) / 20, rng.normal(size=(12, 5))
    histories = []
    for channels in (1, 3):
        train, validation = (
            split._replace(images=np.stack([split.images] * channels, axis=-1))
            for split in (TRAIN, VALIDATION)
        )
        model = build(WITHOUT_DROPOUT, (*SHAPE, channels), len(CLASSES))
        kernel = np.repeat(first / channels, channels, axis=0)
        model.set_weights([kernel, np.zeros(12), last, np.zeros(5)])
        config = settings(epochs=1, **AT_REST)
        histories.append(fit(model, train, validation, config, UNCHANGED, seed=0))
    for name, values in histories[0].items():
        assert histories[1][name] == pytest.approx(values, rel=1e-4)


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_step_gives_the_probabilities_before_it_with_dropout(channels, dropout):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, *SHAPE, *channels), dtype=np.uint8)
    labels = rng.integers(0, 5, 12, dtype=np.uint8)
    network = Mlp(kind="mlp", units=[12], dropout=dropout)
    model = build(network, images.shape[1:], len(CLASSES))
    compile_model(model, settings(**AT_REST), steps=3)
    probabilities = train_function(model, 4, model)(images, labels)
    expected = model.predict(images, verbose=0)
    assert np.allclose(probabilities, expected, atol=1e-5) == (not dropout)


def test_the_schedule_ends_with_the_last_step_though_epochs_differ_in_length():
    _, history = trained(settings(epochs=4, selection=HALF))
    assert history["learning_rate"][-1] == pytest.approx(0, abs=1e-9)
    assert history["learning_rate"][-2] > 0


@pytest.mark.parametrize("optimizer", [SGD, {"kind": "adam"}])
def test_the_averaged_weights_are_those_that_are_kept(optimizer):
    averaged, history = trained(settings(optimizer=optimizer))
    last, _ = trained(settings(optimizer=optimizer, ema_momentum=0.0))
    assert (flat(averaged) != flat(last)).any()
    one_hot = keras.utils.to_categorical(VALIDATION.labels, len(CLASSES))
    averaged.compile(loss="categorical_crossentropy")
    assert averaged.evaluate(VALIDATION.images, one_hot, verbose=0) == pytest.approx(
        history["val_loss"][-1], rel=1e-5
    )


def test_callbacks_see_what_they_see_under_keras_fit():
    calls = []
    names = ("train_begin", "epoch_begin", "train_batch_end", "test_end", "epoch_end", "train_end")
    recorder = keras.callbacks.Callback()
    for name in names:
        setattr(recorder, f"on_{name}", lambda *_, name=name, **__: calls.append(name))
    trained(settings(epochs=1), callbacks=[recorder])
    chunks = ["train_batch_end"] * 3
    assert calls == ["train_begin", "epoch_begin", *chunks, "test_end", "epoch_end", "train_end"]


@pytest.mark.parametrize(("terminal", "verbose"), [(True, 1), (False, 2)])
def test_progress_is_a_bar_on_a_terminal_else_lines(monkeypatch, terminal, verbose):
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    recorder = keras.callbacks.Callback()
    trained(settings(epochs=1), callbacks=[recorder])
    assert recorder.params == {"verbose": verbose, "epochs": 1, "steps": 8}


def test_callbacks_are_told_of_the_first_and_last_step_that_runs_at_once():
    told = []
    recorder = keras.callbacks.Callback()
    recorder.on_train_batch_begin = lambda step, logs=None: told.append(step)
    recorder.on_train_batch_end = lambda step, logs: told.append((step, dict(logs)))
    _, history = trained(settings(epochs=1, **AT_REST), callbacks=[recorder])
    assert [one if isinstance(one, int) else one[0] for one in told] == [0, 2, 3, 5, 6, 7]
    assert told[-1][1] == {name: history[name][0] for name in ("loss", "accuracy")}


def test_a_callback_can_stop_the_training():
    patience = keras.callbacks.EarlyStopping("val_loss", min_delta=1e9, patience=1)
    _, history = trained(settings(epochs=9), callbacks=[patience])
    assert len(history["loss"]) == 2


def test_a_loss_that_is_not_finite_stops_with_a_clear_error():
    with pytest.raises(DivergedError, match=r"loss became nan.*lower fit\.learning_rate"):
        trained(settings(learning_rate=1e30, warmup=0.0))


def test_images_that_do_not_fit_are_refused():
    model = build(NETWORK, SHAPE, len(CLASSES))
    for images in (TRAIN.images[1:], TRAIN.images[:, 1:]):
        with pytest.raises(TrainingError, match="training: expected images of"):
            fit(model, Split(images, TRAIN.labels), VALIDATION, FIT, UNCHANGED, seed=0)


def test_a_batch_may_hold_all_images():
    assert steps_by_epoch(130, settings(batch_size=130)) == [1] * FIT.epochs


def test_a_batch_larger_than_the_data_is_refused():
    with pytest.raises(
        TrainingError,
        match=r"expected at least 131 training images in an epoch .* received 130",
    ):
        trained(settings(batch_size=131))
