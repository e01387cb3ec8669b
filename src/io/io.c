typedef int wf_io_room;  // until the room has its first source file
