// A server for clients of others, by node; says "listening on ADDRESS".
//
//     node node_server.js [CERTIFICATE.pem KEY.pem]
//
//     /echo       the body that came; /chunks the same in chunks
//     /end        the same, and its end is that of the connection
//     /early      after two interim replies
//     /trailers   behind it come fields
//     /to/N       a redirection to /to/N-1, and so on to /echo
//     /STATUS     nothing, with that status
//     /broken     the half of what it says, and then no more
//     /closes     with the last reply of its connection
"use strict";

const fs = require("fs");

const [certificate, key] = process.argv.slice(2);
const secure = certificate && {
    cert: fs.readFileSync(certificate),
    key: fs.readFileSync(key),
};

const answers = {
    echo(request, reply, body) {
        reply.setHeader("Content-Length", body.length);
        reply.end(body);
    },
    chunks(request, reply, body) {
        for (let at = 0; at < body.length; at += 777)
            reply.write(body.subarray(at, at + 777));
        reply.end();
    },
    end(request, reply, body) {
        reply.useChunkedEncodingByDefault = false;
        reply.shouldKeepAlive = false;
        reply.write(body);
        reply.end();
    },
    early(request, reply, body) {
        reply.writeProcessing();
        reply.writeEarlyHints({ link: "</style.css>; rel=preload" });
        reply.end(body);
    },
    trailers(request, reply, body) {
        reply.setHeader("Trailer", "Sum");
        reply.write(body);
        reply.addTrailers({ Sum: "12345" });
        reply.end();
    },
    to(request, reply, body, left) {
        const next = left > 0 ? `/to/${left - 1}` : "/echo";
        reply.writeHead(left % 2 ? 307 : 308, { Location: next });
        reply.end("elsewhere\n");
    },
    broken(request, reply) {
        reply.setHeader("Content-Length", 1000);
        reply.write("x".repeat(500), () => reply.socket.destroy());
    },
    closes(request, reply, body) {
        reply.setHeader("Connection", "close");
        reply.end(body);
    },
};

function serve(request, reply) {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
        const [, name, rest] = request.url.split("/");
        if (answers[name])
            return answers[name](request, reply, Buffer.concat(pieces), rest);
        reply.writeHead(Number(name) || 404);
        reply.end();
    });
}

const server = secure ? require("https").createServer(secure, serve)
    : require("http").createServer(serve);
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => {
    console.log(`listening on 127.0.0.1:${server.address().port}`);
});
