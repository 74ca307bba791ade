def run(driver, report, cache, version):
    return 0, 0
