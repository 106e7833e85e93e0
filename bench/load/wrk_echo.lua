-- wrk_echo.lua - has wrk ask an echo server
--
-- wrk sends what request() returns, and an echo server sends that back: so it
-- is an answer of HTTP, of 64 bytes, which wrk takes for the server's. Only
-- the first one is a request, because wrk looks at it to learn how many each
-- is; it is never sent.
local head = "HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n"
local answer = head .. string.rep("f", 64 - #head)
local looked = false

function request()
    if not looked then
        looked = true
        return wrk.format()
    end
    return answer
end
