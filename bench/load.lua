-- wrk's side of a benchmark. Arguments: PATH-OF-BODIES FIRST-NUMBER, or none for plain GETs.
-- Bodies are one a line, sent in turn. "@@" in a line becomes a number that is never sent twice.
local bodies, head, number, at = {}, "", 0, 0

function init(args)
  if args[1] == nil then return end
  number = tonumber(args[2])
  local lines = {}
  for line in io.lines(args[1]) do lines[#lines + 1] = line end
  local headers = { "POST " .. wrk.path .. " HTTP/1.1", "Host: " .. wrk.headers["Host"], "Content-Type: application/json" }
  for name, value in pairs(wrk.headers) do
    if name ~= "Host" then headers[#headers + 1] = name .. ": " .. value end
  end
  head = table.concat(headers, "\r\n") .. "\r\nContent-Length: "
  for index, line in ipairs(lines) do
    local place = line:find("@@", 1, true)
    if place then
      bodies[index] = { line:sub(1, place - 1), line:sub(place + 2) }
    else
      bodies[index] = head .. #line .. "\r\n\r\n" .. line
    end
  end
  request = nextPost
end

function nextPost()
  at = at % #bodies + 1
  local body = bodies[at]
  if type(body) == "string" then return body end
  number = number + 1
  local text = body[1] .. number .. body[2]
  return head .. #text .. "\r\n\r\n" .. text
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{"requests":%d,"microseconds":%d,"errors":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)))
end
