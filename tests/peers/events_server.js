// Events by node's http: says where it listens. The first connection is broken
// off in the middle of an event, which the next one gets whole.
'use strict';

const http = require('http');

const server = http.createServer((request, response) => {
  const last = Number(request.headers['last-event-id'] || 0);
  if (last === 2) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  if (last === 0) {
    response.write('retry: 100\r\n\r\nid: 1\r\ndata: o');
    response.write('ne\r\n\r\nid: 2\r\ndata: half\r\n', () =>
      setImmediate(() => response.destroy()));
    return;
  }
  response.end('id: 2\r\ndata: whole\r\n\r\n');
});

server.listen(0, '127.0.0.1', () => {
  const { address, port } = server.address();
  console.log(`listening on ${address}:${port}`);
});
