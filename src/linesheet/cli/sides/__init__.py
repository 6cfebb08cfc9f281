"""What the demo, the fault campaigns and the benches know of each platform's sandbox.

A folder per platform, in two parts: `traffic` says which calls are made of it, without needing Django; `side` starts
its sandbox, has its buyers order there and says what it holds. `listed` has the platforms that there are.
"""
