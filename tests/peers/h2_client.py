"""A client of an echoing server of HTTP/2, by Python's h2.

h2_client.py HOST:PORT FILE    sends the file in several requests at once
"""

import socket
import sys

import h2.config
import h2.connection
import h2.events

REQUESTS = 5
PATIENCE = 300


class Client:
    def __init__(self, address, body):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), PATIENCE)
        self.authority = address
        self.body = body
        self.left = {}
        self.heard = {}
        self.ended = set()
        config = h2.config.H2Configuration(header_encoding="utf-8")
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()

    def ask(self):
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, [
            (":method", "POST"), (":scheme", "http"), (":path", "/"),
            (":authority", self.authority)])
        self.left[stream] = self.body
        self.heard[stream] = b""

    def send_some(self):
        """As much of each body as the windows have room for."""
        for stream, body in list(self.left.items()):
            while body:
                room = min(self.h2.local_flow_control_window(stream),
                           self.h2.max_outbound_frame_size)
                if room == 0:
                    break
                self.h2.send_data(stream, body[:room])
                body = body[room:]
            self.left[stream] = body
            if not body:
                self.h2.end_stream(stream)
                del self.left[stream]
        self.socket.sendall(self.h2.data_to_send())

    def hear(self, event):
        if isinstance(event, h2.events.ResponseReceived):
            status = dict(event.headers)[":status"]
            assert status == "200", status
        elif isinstance(event, h2.events.DataReceived):
            self.heard[event.stream_id] += event.data
            self.h2.acknowledge_received_data(
                event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.ended.add(event.stream_id)
        elif isinstance(event, (h2.events.StreamReset,
                                h2.events.ConnectionTerminated)):
            raise AssertionError(event)

    def run(self):
        while len(self.ended) < REQUESTS:
            self.send_some()
            received = self.socket.recv(65536)
            assert received, "the server has left"
            for event in self.h2.receive_data(received):
                self.hear(event)
        self.socket.sendall(self.h2.data_to_send())


with open(sys.argv[2], "rb") as file:
    client = Client(sys.argv[1], file.read())
for _ in range(REQUESTS):
    client.ask()
client.run()
for heard in client.heard.values():
    assert heard == client.body, "another body"
