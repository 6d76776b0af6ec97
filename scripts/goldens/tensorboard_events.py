#!/usr/bin/env python3
"""Makes Tests/Goldens/events.tfrecord: records of an event file as TensorBoard's own classes write them.

    pip install tensorboard
    python scripts/goldens/tensorboard_events.py [FILE]
"""

import sys
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

DEFAULT = Path(__file__).parents[2] / "Tests/Goldens/events.tfrecord"
Value = summary_pb2.Summary.Value


def events():
    yield dict(step=1, file_version="brain.Event:2")
    yield dict(step=301, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))
    yield dict(step=302, summary=summary_pb2.Summary(value=[
        Value(tag="train/loss", simple_value=2.5), Value(tag="train/β", simple_value=-1e-9)]))
    yield dict(step=5_000_000_000, summary=summary_pb2.Summary(value=[Value(
        tag="parameters/w", histo=summary_pb2.HistogramProto(
            min=-1.5, max=4, num=5, sum=5.5, sum_squares=22.25,
            bucket_limit=[-1.5, -1.25, 1, 1.25, 3.5, 4], bucket=[0, 1, 0, 2, 0, 2]))]))
    yield dict(step=304, summary=summary_pb2.Summary(value=[Value(
        tag="attention/1", image=summary_pb2.Summary.Image(
            height=2, width=300, colorspace=1, encoded_image_string=bytes(range(256)) * 2))]))
    yield dict(step=305, summary=summary_pb2.Summary(value=[Value(
        tag="samples/1",
        tensor=tensor_pb2.TensorProto(
            dtype="DT_STRING", string_val=["**source** 苹果".encode()],
            tensor_shape=tensor_shape_pb2.TensorShapeProto(
                dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1)])),
        metadata=summary_pb2.SummaryMetadata(
            plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text")))]))


with open(sys.argv[1] if len(sys.argv) > 1 else DEFAULT, "wb") as file:
    writer = RecordWriter(file)
    for event in events():
        writer.write(event_pb2.Event(wall_time=1795252177.5, **event).SerializeToString(
            deterministic=True))
    writer.flush()
