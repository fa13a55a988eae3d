-- What is done to counters, and how many there are: wrk -s objects.lua URL -- ACTION COUNT. Each thread goes round all of them, and begins
-- elsewhere than the one before.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  action = args[1]
  count = tonumber(args[2])
  at = number * math.floor(count / 2)
end

function request()
  at = (at + 1) % count
  return wrk.format("GET", "/" .. action .. "/c" .. at)
end
