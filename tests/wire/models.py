"""botocore's models, with shapes resolved once."""

import os

import botocore
import botocore.model
from botocore.loaders import Loader

PROTOCOLS = ("query", "ec2", "json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor")


class Shapes(botocore.model.ShapeResolver):
    """Resolves each reference once: botocore makes a new shape at each look."""

    def __init__(self, shape_map):
        super().__init__(shape_map)
        self._resolved = {}

    def resolve_shape_ref(self, shape_ref):
        shape = self._resolved.get(id(shape_ref))
        if shape is None:
            shape = self._resolved[id(shape_ref)] = super().resolve_shape_ref(shape_ref)
        return shape


def service_model(description, name=None):
    model = botocore.model.ServiceModel(description, name)
    model._shape_resolver = Shapes(description.get("shapes", {}))
    return model


def loader():
    return Loader(extra_search_paths=[os.path.join(os.path.dirname(botocore.__file__), "data")])


def service_names():
    return loader().list_available_services("service-2")


def load(name):
    return service_model(loader().load_service_model(name, "service-2"), name)


def protocols(model):
    listed = model.metadata.get("protocols") or [model.metadata["protocol"]]
    return [protocol for protocol in listed if protocol in PROTOCOLS]
