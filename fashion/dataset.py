"""What the data set is: its classes and its image size, each in this one place.

Fashion-MNIST (Xiao, Rasul and Vollgraf, arxiv.org/abs/1708.07747): 60,000 training and 10,000
test images of ten kinds of clothing. For a data set of your own, change the two constants here
and `download` in `params.yaml`.
"""

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
IMAGE_SHAPE = (28, 28)
