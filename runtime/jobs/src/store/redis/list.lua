-- Returns jobs in a state, the oldest first.
-- ARGV: limit, where they are ("waiting", "running", "dead", "done"), the engine's words for it
local limit, where = tonumber(ARGV[1]), ARGV[2]
local ids = {}
if where == "waiting" then
    ids = redis.call("ZRANGE", SCHEDULED, 0, -1)
    for _, id in ipairs(redis.call("LRANGE", ACTIVE, 0, -1)) do table.insert(ids, id) end
elseif where == "running" then
    for _, worker in ipairs(redis.call("ZRANGE", WORKERS, 0, -1)) do
        for _, id in ipairs(redis.call("SMEMBERS", INFLIGHT .. worker)) do table.insert(ids, id) end
    end
elseif where == "dead" then
    ids = redis.call("SMEMBERS", DEAD)
else
    ids = redis.call("SMEMBERS", DONE)
end
table.sort(ids)
local listed = {}
for _, id in ipairs(ids) do
    if #listed == limit then break end
    local status = redis.call("HGET", META .. id, "status")
    for word = 3, #ARGV do
        if status == ARGV[word] then table.insert(listed, stored(id)) end
    end
end
return listed
