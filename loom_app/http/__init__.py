"""The machines' doors: routes that are no pages, and the gate in front of everything."""
