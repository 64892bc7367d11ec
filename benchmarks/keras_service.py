"""A minimal service for `benchmarks.load`: FastAPI and `predict` of Keras, without checks."""

import keras
import numpy as np
from fastapi import FastAPI, UploadFile
from PIL import Image

app = FastAPI()
model = keras.saving.load_model("models/cnn.keras", compile=False, safe_mode=True)


@app.post("/predict")
async def predict(images: UploadFile) -> list[float]:
    """The probability of each class."""
    image = Image.open(images.file).convert("L").resize((28, 28))
    return model.predict(np.asarray(image)[np.newaxis], verbose=0)[0].tolist()
