package doctor

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Measure is Disk.Measure on this system.
func Measure(dir string) (Space, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return Space{}, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return Space{}, err
	}
	s := Space{Free: int64(free)}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if err != nil {
		return s, nil //nolint:nilerr // the kind stays untold
	}
	name := make([]uint16, 64)
	if windows.GetVolumeInformation(root, nil, 0, nil, nil, nil, &name[0], uint32(len(name))) == nil {
		s.Kind = windows.UTF16ToString(name)
	}
	if windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		s.Kind = "remote"
	}
	return s, nil
}
