import keras
import numpy as np
import pytest
from sklearn import metrics

from fashion.config.model import Augment, Fit, Mlp, Model
from fashion.io.labeled_images import LabeledImages
from fashion.models.determinism import make_deterministic
from fashion.networks.building import build
from fashion.training.batches import chunks
from fashion.training.loop import DivergedError, TrainingError, fit, steps_by_epoch
from fashion.training.schedules import WarmupDecay
from tests.conftest import CLASSES, MODELS, SELECTION, SHAPE, small_split
from tests.conftest import FIT as BASE
from tests.conftest import UNCHANGED as OFF

TRAIN = small_split(per_class=26, seed=0)
COUNT = len(TRAIN.labels)
DIFFICULTY = np.ones(COUNT, np.float32)
VALIDATION = small_split(per_class=10, seed=1)
NUMBERED = LabeledImages(np.arange(COUNT, dtype=np.uint8)[:, None, None], np.arange(COUNT))
UNCHANGED = Augment.model_validate(OFF)
SGD = {"kind": "sgd", "momentum": 0.9, "weight_decay": 1e-3}
FIT = Fit.model_validate(
    BASE
    | {
        "epochs": 3,
        "instructions": "avx2",
        "precision": "float32",
        "steps_per_execution": 3,
        "optimizer": SGD,
        "learning_rate": 0.1,
        "label_smoothing": 0.1,
        "ema_momentum": 0.5,
    }
)
NETWORK = Mlp(kind="mlp", units=[12], dropout=0.2)
WITHOUT_DROPOUT = Mlp(kind="mlp", units=[12], dropout=0.0)
HALF = SELECTION | {"hard_fraction": 0.5, "full_epochs_end": 1}
AT_REST = {"learning_rate": 1e-12, "warmup": 0.0, "ema_momentum": 0.0}


def settings(**changes):
    return Fit.model_validate(FIT.model_dump() | changes)


def trained(config=FIT, augmentation=UNCHANGED, seed=0, network=NETWORK, train=TRAIN, **options):
    make_deterministic(seed, threads=2)
    model = build(network, SHAPE, len(CLASSES), seed=seed)
    history = fit(model, train, VALIDATION, config, augmentation, seed=seed, **options)
    return model, history


def flat(model):
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


@pytest.mark.parametrize("network", MODELS)
def test_equal_seeds_give_equal_weights_and_other_seeds_others(network):
    model = Model.model_validate(MODELS[network])
    augmentation = UNCHANGED.model_copy(update={"flip": True, "shift": 2, "cutout": 4})
    one, same, other = (
        flat(trained(model.fit, augmentation, seed, model.network)[0]) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


@pytest.mark.parametrize("steps", [1, 100])
def test_the_steps_per_call_do_not_change_the_result(steps):
    model, _ = trained(settings(steps_per_execution=steps))
    np.testing.assert_allclose(flat(model), flat(trained()[0]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("weights", [None, {0: 2.28} | dict.fromkeys(range(1, 5), 114 / 130)])
def test_training_equals_that_of_keras(weights):
    used = np.flatnonzero((TRAIN.labels != 0) | (np.cumsum(TRAIN.labels == 0) <= 10))
    train = LabeledImages(TRAIN.images[used], TRAIN.labels[used])  # 10 of a class, 26 of others
    name = "balanced" if weights else "none"
    config = settings(ema_momentum=0.0, epochs=1, batch_size=14, class_weights=name)
    ours, _ = trained(config, network=WITHOUT_DROPOUT, train=train)
    make_deterministic(0, threads=2)
    theirs = build(WITHOUT_DROPOUT, SHAPE, len(CLASSES))
    optimizer = keras.optimizers.SGD(
        WarmupDecay(0.1, 8, 0.2, "linear"), momentum=0.9, nesterov=True, weight_decay=1e-3
    )
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    theirs.compile(optimizer, keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
    drawn = chunks(train, DIFFICULTY[used], config, UNCHANGED, seed=0, epoch=0)
    _, images, labels = map(np.concatenate, zip(*drawn, strict=True))
    one_hot = keras.utils.to_categorical(labels, len(CLASSES))
    theirs.fit(
        images.astype("float32"), one_hot, 14, class_weight=weights, shuffle=False, verbose=0
    )
    np.testing.assert_allclose(flat(ours), flat(theirs), rtol=1e-4, atol=1e-6)


def test_an_epoch_uses_each_image_at_most_once_with_its_label_in_another_order():
    orders = []
    for epoch in (0, 1):
        drawn = list(chunks(NUMBERED, DIFFICULTY, FIT, UNCHANGED, seed=0, epoch=epoch))
        orders.append(np.concatenate([chunk.labels for chunk in drawn]))
        np.testing.assert_array_equal(
            np.concatenate([chunk.images.ravel() for chunk in drawn]), orders[-1]
        )
        assert len(orders[-1]) == len(set(orders[-1])) == 128, "an incomplete batch is left out"
    assert (orders[0] != orders[1]).any()


def test_epochs_between_the_first_and_the_last_use_the_most_difficult_images(monkeypatch):
    drawn = []

    def recorded(train, difficulty, *arguments, **options):
        before, epoch = difficulty.copy(), list(chunks(train, difficulty, *arguments, **options))
        drawn.append((before, np.concatenate([chunk.indices for chunk in epoch])))
        return iter(epoch)

    monkeypatch.setattr("fashion.training.loop.chunks", recorded)
    trained(settings(epochs=4, selection=HALF, ema_momentum=0.0, learning_rate=0.02))
    assert [len(indices) for _, indices in drawn] == [128, 64, 64, 128]
    for difficulty, indices in drawn[1:3]:
        left_out = np.setdiff1d(np.arange(COUNT), indices)
        assert difficulty[indices].min() >= np.sort(difficulty[left_out])[-2]


def test_losses_accuracies_and_difficulty_follow_from_the_predictions(monkeypatch):
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
    predicted = model.predict(TRAIN.images, verbose=0)[np.arange(COUNT), TRAIN.labels]
    np.testing.assert_allclose(kept[0], 1 - predicted, atol=1e-5)


@pytest.mark.parametrize("optimizer", [SGD, {"kind": "adam"}])
def test_the_averaged_weights_are_validated_and_kept(optimizer):
    averaged, history = trained(settings(optimizer=optimizer))
    last, _ = trained(settings(optimizer=optimizer, ema_momentum=0.0))
    assert (flat(averaged) != flat(last)).any()
    predicted = averaged.predict(VALIDATION.images, verbose=0)
    chosen = predicted[np.arange(len(predicted)), VALIDATION.labels]
    assert -np.log(chosen).mean() == pytest.approx(history["val_loss"][-1], rel=1e-4)


def test_a_callback_can_stop_the_training():
    patience = keras.callbacks.EarlyStopping("val_loss", min_delta=1e9, patience=1)
    _, history = trained(settings(epochs=9), callbacks=[patience])
    assert len(history["loss"]) == 2


def test_a_loss_that_is_not_finite_is_an_error():
    with pytest.raises(DivergedError, match=r"loss became nan.*lower fit\.learning_rate"):
        trained(settings(learning_rate=1e30, warmup=0.0))


def test_images_that_do_not_fit_are_refused():
    model = build(NETWORK, SHAPE, len(CLASSES))
    for images in (TRAIN.images[1:], TRAIN.images[:, 1:]):
        with pytest.raises(TrainingError, match="training: expected images of"):
            fit(model, TRAIN._replace(images=images), VALIDATION, FIT, UNCHANGED, seed=0)


def test_a_batch_may_hold_all_images_and_no_more():
    assert steps_by_epoch(COUNT, settings(batch_size=COUNT)) == [1] * FIT.epochs
    with pytest.raises(TrainingError, match="expected at least 131 training images in an epoch"):
        steps_by_epoch(COUNT, settings(batch_size=COUNT + 1))
