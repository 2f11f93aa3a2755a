"""The desk socket of an agent that runs in Wine: bridge.py SOCKET PIPE RELAY_PORT AGENT_PID. Ends with the agent."""
import os
import select
import socket
import sys
import threading

path, pipe, relay, agent = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def pour(source, drain):
    try:
        while data := source.recv(65536):
            drain.sendall(data)
    except OSError:
        pass
    for end, how in ((drain, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            end.shutdown(how)
        except OSError:
            pass


def carry(desk):
    with desk, socket.create_connection(("127.0.0.1", relay)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(pipe.encode() + b"\n")
        back = threading.Thread(target=pour, args=(line, desk), daemon=True)
        back.start()
        pour(desk, line)
        back.join()


gone = os.pidfd_open(agent)
# Renamed into place: an earlier agent's socket may still lie there.
fresh = f"{path}.{os.getpid()}"
listener = socket.socket(socket.AF_UNIX)
listener.bind(fresh)
os.chmod(fresh, 0o600)
listener.listen(64)
os.rename(fresh, path)
while True:
    ready, _, _ = select.select([listener, gone], [], [])
    if gone in ready:
        os._exit(0)
    threading.Thread(target=carry, args=(listener.accept()[0],), daemon=True).start()
