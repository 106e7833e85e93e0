"""Circles of tasks that wait for each other, so that none can ever go on."""


class Search:
    """Tarjan's strong components, without recursion: a chain may be long."""

    def __init__(self, edges):
        self.edges = edges
        self.low = {}  # by task, of those that were met
        self.index = {}
        self.open = []  # without a component so far
        self.path = []  # each with those of its edges that are left
        self.found = []

    def enter(self, task):
        self.index[task] = self.low[task] = len(self.index)
        self.open.append(task)
        self.path.append((task, iter(self.edges(task))))

    def leave(self):
        task, _ = self.path.pop()
        if self.path:
            before = self.path[-1][0]
            self.low[before] = min(self.low[before], self.low[task])
        if self.low[task] == self.index[task]:
            component = []
            while task not in component[-1:]:
                component.append(self.open.pop())
                self.low[component[-1]] = float("inf")
            self.found.append(component)

    def run(self, first):
        if first not in self.index:
            self.enter(first)
        while self.path:
            task, left = self.path[-1]
            other = next(left, None)
            if other is None:
                self.leave()
            elif other not in self.index:
                self.enter(other)
            elif self.low[other] != float("inf"):
                self.low[task] = min(self.low[task], self.index[other])


def mark(tasks, edges):
    """Numbers the circles: `circle` of each task, from 1; 0: in none."""
    search = Search(edges)
    for task in tasks:
        task.circle = 0
        search.run(task)
    circles = [its for its in search.found
               if len(its) > 1 or its[0] in edges(its[0])]
    circles.sort(key=lambda its: min(task.number for task in its))
    for number, its in enumerate(circles, 1):
        for task in its:
            task.circle = number
